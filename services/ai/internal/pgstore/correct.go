package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ai/internal/ledger"
)

// Correct enters a correction; see ledger.Store.
func (s *Store) Correct(ctx context.Context, id uuid.UUID, c ledger.Correction, at time.Time) (ledger.Entry, error) {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if key, ok := idempotency.From(ctx); ok {
			existing, replayed, err := pgdb.Claim(ctx, tx, Schema, key, c.By, id)
			if err != nil || replayed {
				id = existing
				return err
			}
		}
		charged := ledger.Charged{}
		if c.Request != uuid.Nil {
			var err error
			if charged, err = chargedFor(ctx, tx, c); err != nil {
				return err
			}
			if c, err = c.Settle(charged); err != nil {
				return err
			}
		}
		return s.enterCorrection(ctx, tx, id, c, charged, at)
	})
	if errors.Is(entryError("", err), ledger.ErrUserGone) {
		return ledger.Entry{}, ledger.ErrUserUnknown
	}
	if err != nil {
		return ledger.Entry{}, pgdb.Fault("correct usage", err)
	}
	entries, err := s.entries(ctx, `u.id = $1`, id)
	if err != nil || len(entries) == 0 {
		return ledger.Entry{}, pgdb.Fault("read correction", err)
	}
	return entries[0], nil
}

// chargedFor sums a request and what was corrected of it. Its rows are locked,
// so that corrections of one request see each other.
func chargedFor(ctx context.Context, tx pgx.Tx, c ledger.Correction) (sum ledger.Charged, err error) {
	if _, err := tx.Exec(ctx, `SELECT FROM ai.ai_usage WHERE request_id = $1 FOR UPDATE`, c.Request); err != nil {
		return sum, err
	}
	var rows int
	err = tx.QueryRow(ctx, `SELECT count(*), coalesce(bool_or(status = 'reserved'), false),
			coalesce(max(provider) FILTER (WHERE status = 'settled'), ''), coalesce(max(model), ''),
			coalesce(sum(input_tokens), 0)::bigint, coalesce(sum(output_tokens), 0)::bigint,
			coalesce(sum(cache_read_tokens), 0)::bigint, coalesce(sum(cache_write_tokens), 0)::bigint, coalesce(sum(cost_micro_usd), 0)::bigint
		FROM ai.ai_usage WHERE user_id = $1 AND status <> 'released' AND (request_id = $2 AND source <> 'correction' OR corrects = $2)`,
		c.UserID, c.Request).Scan(&rows, &sum.Running, &sum.Provider, &sum.Model,
		&sum.Tokens.Input, &sum.Tokens.Output, &sum.Tokens.CacheRead, &sum.Tokens.CacheWrite, &sum.CostMicroUSD)
	if err == nil && rows == 0 {
		var made bool
		err = tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM ai.ai_usage WHERE user_id = $1 AND request_id = $2 AND source <> 'correction')`,
			c.UserID, c.Request).Scan(&made)
		if err == nil && !made {
			err = ledger.ErrRequestUnknown
		}
	}
	return sum, err
}

func (s *Store) enterCorrection(ctx context.Context, tx pgx.Tx, id uuid.UUID, c ledger.Correction, of ledger.Charged, at time.Time) error {
	var corrects *uuid.UUID
	if c.Request != uuid.Nil {
		corrects = &c.Request
	}
	_, err := tx.Exec(ctx, `INSERT INTO ai.ai_usage (id, user_id, request_id, attempt, provider, model, source, status,
			estimated_input_tokens, estimated_output_tokens, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
			cost_micro_usd, instance, created_at, touched_at, settled_at, corrects, reason, corrected_by)
		VALUES ($1, $2, $1, 1, $3, $4, 'correction', 'settled', 0, 0, $5, $6, $7, $8, $9, $10, $11, $11, $11, $12, $13, $14)`,
		id, c.UserID, of.Provider, of.Model, c.Tokens.Input, c.Tokens.Output, c.Tokens.CacheRead, c.Tokens.CacheWrite,
		c.CostMicroUSD, s.instance, at, corrects, c.Reason, c.By)
	if err != nil {
		return err
	}
	return audit.Insert(ctx, tx, audit.Entry{
		UserID: c.By, EventType: "admin.usage.correct", ResourceType: "user", ResourceID: c.UserID.String(), Action: "correct", Status: audit.Success,
		Metadata: map[string]any{
			"entry": id, "request": corrects, "reason": c.Reason,
			"tokens": c.Tokens.Total(), "costMicroUsd": c.CostMicroUSD,
		},
	})
}

// ForgetKeys removes the idempotency keys of calls that nobody repeats any more.
func (s *Store) ForgetKeys(ctx context.Context, before time.Time) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM ai.idempotency_keys WHERE created_at < $1`, before)
	return pgdb.Fault("forget idempotency keys", err)
}

// Entries lists everybody's; see ledger.Store.
func (s *Store) Entries(ctx context.Context, f ledger.EntryFilter, after ledger.EntryCursor, limit int) ([]ledger.Entry, error) {
	return s.entries(ctx, `($1::uuid IS NULL OR u.user_id = $1) AND ($2::uuid IS NULL OR u.request_id = $2 OR u.corrects = $2)
		AND ($3 = '' OR u.model = $3) AND ($4::timestamptz IS NULL OR u.created_at >= $4) AND ($5::timestamptz IS NULL OR u.created_at < $5)
		AND ($6::timestamptz IS NULL OR (u.created_at, u.id) < ($6, $7))
		ORDER BY u.created_at DESC, u.id DESC LIMIT $8`,
		orNull(f.User), orNull(f.Request), f.Model, orNone(f.From), orNone(f.To), orNone(after.At), after.ID, limit)
}

func (s *Store) entries(ctx context.Context, where string, args ...any) ([]ledger.Entry, error) {
	rows, err := s.pool.Query(ctx, `SELECT u.id, u.request_id, u.attempt, u.provider, u.model, u.source, u.status,
			CASE u.status WHEN 'reserved' THEN u.estimated_input_tokens ELSE u.input_tokens END,
			CASE u.status WHEN 'reserved' THEN u.estimated_output_tokens ELSE u.output_tokens END,
			u.cache_read_tokens, u.cache_write_tokens, CASE u.status WHEN 'reserved' THEN u.estimated_cost_micro_usd ELSE u.cost_micro_usd END,
			u.counted_by, u.created_at, u.settled_at, u.reason, u.user_id, coalesce(c.username, ''), u.corrects, u.corrected_by
		FROM ai.ai_usage u LEFT JOIN ai.callers c ON c.user_id = u.user_id WHERE `+where, args...)
	if err != nil {
		return nil, pgdb.Fault("list the ledger", err)
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e ledger.Entry, err error) {
		var corrects, by *uuid.UUID
		err = row.Scan(&e.ID, &e.RequestID, &e.Attempt, &e.Provider, &e.Model, &e.Source, &e.Status,
			&e.Tokens.Input, &e.Tokens.Output, &e.Tokens.CacheRead, &e.Tokens.CacheWrite, &e.CostMicroUSD,
			&e.CountedBy, &e.CreatedAt, &e.SettledAt, &e.Why, &e.UserID, &e.Username, &corrects, &by)
		if corrects != nil {
			e.Corrects = *corrects
		}
		if by != nil {
			e.By = *by
		}
		return e, err
	})
	return entries, pgdb.Fault("list the ledger", err)
}

func orNull(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func orNone(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
