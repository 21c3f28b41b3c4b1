package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/auditlog"
)

// chainLock is the advisory lock under which the audit chain grows.
const chainLock = 0x61747269756d0003

// rowColumns are the hashed columns of a row. Their texts must not depend on
// settings of the connection, nor their order ever change.
const rowColumns = `l.id, l.timestamp, l.user_id::text, l.event_type, l.resource_type, l.resource_id, l.action, l.status,
	l.ip_address::text, l.user_agent, l.metadata::text, l.error`

// rowTexts is how many of rowColumns come after the time.
const rowTexts = 10

const withoutLink = `SELECT ` + rowColumns + ` FROM audit.audit_log l
	WHERE NOT EXISTS (SELECT FROM audit.chain c WHERE c.entry_id = l.id)`

const linkColumns = `c.seq, c.entry_id, c.entry_hash, c.hash, c.chained_at`

// Extend stores the links that link makes for rows that have none.
func (s *AuditLog) Extend(ctx context.Context, look auditlog.Look, link func(auditlog.Head, []auditlog.Row) []auditlog.Link) (auditlog.Head, int, error) {
	var last auditlog.Head
	var added int
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(chainLock)); err != nil {
			return err
		}
		head, err := chainHead(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := unchained(ctx, tx, look)
		if err != nil {
			return err
		}
		links := link(head, rows)
		if last, added = head, len(links); added == 0 {
			return nil
		}
		last = links[added-1].Head()
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"audit", "chain"}, []string{"seq", "entry_id", "entry_hash", "hash", "chained_at"},
			pgx.CopyFromSlice(added, func(i int) ([]any, error) {
				l := links[i]
				return []any{l.Seq, l.Entry, l.EntryHash[:], l.Hash[:], l.At}, nil
			}))
		return err
	})
	return last, added, pgdb.Fault("extend audit chain", err)
}

func chainHead(ctx context.Context, tx pgx.Tx) (head auditlog.Head, err error) {
	var hash []byte
	err = tx.QueryRow(ctx, `SELECT seq, hash FROM audit.chain ORDER BY seq DESC LIMIT 1`).Scan(&head.Seq, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return auditlog.Head{}, nil
	}
	copy(head.Hash[:], hash)
	return head, err
}

// unchained gives rows without a link, in the order of their ids. The look at
// recent rows is a statement of its own, for the index on the time.
func unchained(ctx context.Context, tx pgx.Tx, look auditlog.Look) ([]auditlog.Row, error) {
	sql, args := withoutLink+` AND l.id > $1`, []any{look.After, look.Limit}
	if look.Within > 0 {
		sql, args = sql+` AND l.timestamp > now() - $3::interval`, append(args, look.Within)
	}
	sql += ` ORDER BY l.id LIMIT $2`
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (auditlog.Row, error) {
		r := auditlog.Row{Columns: make([]*string, rowTexts)}
		err := row.Scan(rowTargets(&r.ID, &r.Time, r.Columns)...)
		return r, err
	})
}

// rowTargets are where rowColumns are read to.
func rowTargets(id, at any, columns []*string) []any {
	targets := []any{id, at}
	for i := range columns {
		targets = append(targets, &columns[i])
	}
	return targets
}

// Walk gives the whole log as of one moment.
func (s *AuditLog) Walk(ctx context.Context, linked func(auditlog.Link, *auditlog.Row) error, unlinked func(auditlog.Row) error) error {
	snapshot := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err := pgx.BeginTxFunc(ctx, s.pool, snapshot, func(tx pgx.Tx) error {
		if err := walkLinks(ctx, tx, linked); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, withoutLink+` ORDER BY l.id`)
		if err != nil {
			return err
		}
		r := auditlog.Row{Columns: make([]*string, rowTexts)}
		_, err = pgx.ForEachRow(rows, rowTargets(&r.ID, &r.Time, r.Columns), func() error { return unlinked(r) })
		return err
	})
	var found *auditlog.TamperError
	if errors.As(err, &found) {
		return found
	}
	return pgdb.Fault("walk audit log", err)
}

func walkLinks(ctx context.Context, tx pgx.Tx, linked func(auditlog.Link, *auditlog.Row) error) error {
	rows, err := tx.Query(ctx, `SELECT `+linkColumns+`, `+rowColumns+`
		FROM audit.chain c LEFT JOIN audit.audit_log l ON l.id = c.entry_id ORDER BY c.seq`)
	if err != nil {
		return err
	}
	var l auditlog.Link
	var entryHash, hash []byte
	var id *uuid.UUID
	var at *time.Time
	columns := make([]*string, rowTexts)
	targets := append([]any{&l.Seq, &l.Entry, &entryHash, &hash, &l.At}, rowTargets(&id, &at, columns)...)
	_, err = pgx.ForEachRow(rows, targets, func() error {
		copy(l.EntryHash[:], entryHash)
		copy(l.Hash[:], hash)
		if id == nil {
			return linked(l, nil)
		}
		return linked(l, &auditlog.Row{ID: *id, Time: *at, Columns: columns})
	})
	return err
}
