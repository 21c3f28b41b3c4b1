package pgstore

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/auditlog"
)

// AuditLog implements auditlog.Store and auditlog.ChainStore.
type AuditLog struct {
	pool  *pgxpool.Pool
	reads *pgdb.Reads
}

// NewAuditLog reads the audit log in a pool of this service's role.
func NewAuditLog(pool *pgxpool.Pool) *AuditLog {
	return &AuditLog{pool: pool, reads: pgdb.ByPrimary(pool)}
}

// By has its list read where what is a little old does.
func (s *AuditLog) By(reads *pgdb.Reads) *AuditLog { return &AuditLog{pool: s.pool, reads: reads} }

// List gives the entries after a cursor, newest first. One user's and one event
// type's are found by an index; the beginning of a type is looked for along the
// time, until the page is full.
func (s *AuditLog) List(ctx context.Context, f auditlog.Filter, after auditlog.Cursor, limit int) (entries []auditlog.Entry, err error) {
	err = s.reads.Do(ctx, func(ctx context.Context, db pgdb.Querier) error {
		entries, err = list(ctx, db, f, after, limit)
		return err
	})
	return entries, pgdb.Fault("list audit log", err)
}

func list(ctx context.Context, db pgdb.Querier, f auditlog.Filter, after auditlog.Cursor, limit int) ([]auditlog.Entry, error) {
	rows, err := db.Query(ctx, `SELECT l.id, l.timestamp, l.user_id, coalesce(u.username, ''), l.event_type,
			coalesce(l.resource_type, ''), coalesce(l.resource_id, ''), l.action, l.status, l.ip_address,
			coalesce(l.user_agent, ''), l.metadata, coalesce(l.error, '')
		FROM audit.audit_log l LEFT JOIN auth.users u ON u.id = l.user_id
		WHERE ($1::uuid IS NULL OR l.user_id = $1)
		  AND ($2 = '' OR l.event_type = $2 OR right($2, 1) = '.' AND starts_with(l.event_type, $2))
		  AND ($3::timestamptz IS NULL OR l.timestamp >= $3) AND ($4::timestamptz IS NULL OR l.timestamp < $4)
		  AND ($5::uuid IS NULL OR (l.timestamp, l.id) < ($6, $5))
		ORDER BY l.timestamp DESC, l.id DESC LIMIT $7`,
		nullable(f.User), f.EventType, optional(f.From), optional(f.To), nullable(after.ID), after.Time, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEntry)
}

// Noted writes that the caller read the log.
func (s *AuditLog) Noted(ctx context.Context, f auditlog.Filter) error {
	filter := map[string]any{}
	if f.User != uuid.Nil {
		filter["userId"] = f.User
	}
	if f.EventType != "" {
		filter["eventType"] = f.EventType
	}
	for name, bound := range map[string]time.Time{"from": f.From, "to": f.To} {
		if !bound.IsZero() {
			filter[name] = bound
		}
	}
	return pgdb.Fault("note reading of audit log", audit.Insert(ctx, s.pool, audit.Entry{
		EventType: "admin.audit.read", ResourceType: "audit_log", Action: "read", Status: audit.Success, Metadata: filter,
	}))
}

func scanEntry(row pgx.CollectableRow) (e auditlog.Entry, err error) {
	var user *uuid.UUID
	var address *netip.Addr
	err = row.Scan(&e.ID, &e.Time, &user, &e.Username, &e.EventType, &e.ResourceType, &e.ResourceID,
		&e.Action, &e.Status, &address, &e.UserAgent, &e.Metadata, &e.Error)
	if user != nil {
		e.UserID = *user
	}
	if address != nil {
		e.Address = address.String()
	}
	return e, err
}

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
