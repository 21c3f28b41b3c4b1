// Package audit writes the log of who did what. A row is written in the same
// transaction as the thing it tells of; the roles that write it can neither
// change nor delete it. The table belongs to the auth service's migrations.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/principal"
)

// The statuses of an entry.
const (
	Success = "success"
	Failure = "failure"
	Error   = "error"
)

// RequestID is the key in an entry's metadata of the request that led to it.
// Insert sets it; it is no column, so that services of different versions can
// write to the same table.
const RequestID = "requestId"

// Entry is one thing that was done, or tried.
type Entry struct {
	// UserID is who; zero takes the caller from the context.
	UserID uuid.UUID
	// EventType is "<area>.<event>", such as "auth.login".
	EventType    string
	ResourceType string
	ResourceID   string
	Action       string
	Status       string
	// Error is a reason such as INVALID_CREDENTIALS, never free text from outside.
	Error    string
	Metadata map[string]any
}

// Execer runs a statement: a pool or a transaction.
type Execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// maxUserAgent bounds what a client can make the log keep, in bytes.
const maxUserAgent = 512

// Insert writes an entry; the address and agent are the caller's.
func Insert(ctx context.Context, db Execer, e Entry) error {
	caller, _ := principal.From(ctx)
	mark(ctx)
	return insert(ctx, db, caller, e)
}

func insert(ctx context.Context, db Execer, caller principal.Principal, e Entry) error {
	row, err := Row(caller, e)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `INSERT INTO audit.audit_log (`+Columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, row...)
	if err != nil {
		return fmt.Errorf("write audit log: %w", err)
	}
	return nil
}

// Told is an entry with its caller, to be written later with others.
type Told struct{ row []any }

// Tell makes an entry of the context's caller for InsertAll.
func Tell(ctx context.Context, e Entry) (Told, error) {
	caller, _ := principal.From(ctx)
	row, err := Row(caller, e)
	return Told{row}, err
}

// InsertAll writes entries with one statement.
func InsertAll(ctx context.Context, db Execer, all []Told) error {
	rows := make([][]any, len(all))
	for i, t := range all {
		rows[i] = t.row
	}
	_, err := db.Exec(ctx, `INSERT INTO audit.audit_log (`+Columns+`) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[],
		$5::text[], $6::text[], $7::text[], $8::inet[], $9::text[], $10::jsonb[], $11::text[])`, pgdb.Columns(rows)...)
	if err != nil {
		return fmt.Errorf("write audit log: %w", err)
	}
	return nil
}

// Columns of audit.audit_log, for stores that write entries with a statement of
// their own.
const Columns = `id, user_id, event_type, resource_type, resource_id, action, status, ip_address, user_agent, metadata, error`

// Row is an entry of a caller as the columns have it.
func Row(caller principal.Principal, e Entry) ([]any, error) {
	if e.UserID == uuid.Nil {
		e.UserID = caller.UserID
	}
	metadata, err := json.Marshal(withRequest(e.Metadata, caller.Client.RequestID))
	if err != nil {
		return nil, fmt.Errorf("audit metadata: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("audit id: %w", err)
	}
	return []any{
		id, nullable(e.UserID), e.EventType, e.ResourceType, e.ResourceID, e.Action, e.Status,
		address(caller.Client.Address), truncate(caller.Client.UserAgent, maxUserAgent), metadata, e.Error,
	}, nil
}

// truncate gives at most limit bytes of a text from outside, as the database
// can keep it.
func truncate(text string, limit int) string {
	return strings.ToValidUTF8(text[:min(len(text), limit)], "")
}

func withRequest(metadata map[string]any, id string) map[string]any {
	complete := maps.Clone(metadata)
	if complete == nil {
		complete = map[string]any{}
	}
	if id != "" {
		complete[RequestID] = id
	}
	return complete
}

func nullable(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func address(text string) *netip.Addr {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return nil
	}
	a = a.WithZone("")
	return &a
}
