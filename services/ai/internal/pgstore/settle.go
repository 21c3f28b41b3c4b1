package pgstore

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/ai/internal/ledger"
)

// settle closes entries, makes those that are not there, and gives those it did
// so with. The first arrays are columns of the entries, the last of their audit
// rows.
const settle = `WITH ended AS (
		SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
			$10::text[], $11::timestamptz[], $12::bigint[], $13::text[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[],
			$19::text[], $20::boolean[], $21::timestamptz[])
		AS e (id, user_id, request_id, attempt, provider, model, source, input, output, instance, created_at, cost,
			status, used_input, used_output, cache_read, cache_write, used_cost, counted_by, swept, at)),
	closed AS (INSERT INTO ai.ai_usage AS u (id, user_id, request_id, attempt, provider, model, source, status,
			estimated_input_tokens, estimated_output_tokens, instance, created_at, touched_at, estimated_cost_micro_usd,
			input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_micro_usd, counted_by, swept, settled_at)
		SELECT id, user_id, request_id, attempt, provider, model, source, status, input, output, instance, created_at, created_at, cost,
			used_input, used_output, cache_read, cache_write, used_cost, counted_by, swept, at FROM ended
		ON CONFLICT (id) DO UPDATE SET status = excluded.status, input_tokens = excluded.input_tokens, output_tokens = excluded.output_tokens,
			cache_read_tokens = excluded.cache_read_tokens, cache_write_tokens = excluded.cache_write_tokens,
			cost_micro_usd = excluded.cost_micro_usd, counted_by = excluded.counted_by, swept = excluded.swept, settled_at = excluded.settled_at
		WHERE u.status = 'reserved' OR (u.swept AND NOT excluded.swept)
		RETURNING u.id),
	told AS (INSERT INTO audit.audit_log (` + audit.Columns + `)
		SELECT ` + audit.Columns + ` FROM unnest($22::uuid[], $23::uuid[], $24::uuid[], $25::text[], $26::text[], $27::text[], $28::text[], $29::text[],
			$30::inet[], $31::text[], $32::jsonb[], $33::text[]) AS a (entry, ` + audit.Columns + `)
		WHERE entry IN (SELECT id FROM closed))
	SELECT id, ` + lazily + ` FROM closed`

// Settle closes entries and writes their audit rows; see ledger.Store. All go in
// one statement, and one by one when one of them spoils it.
func (s *Store) Settle(ctx context.Context, all []ledger.Settlement) []error {
	errs := make([]error, len(all))
	closed, err := s.settle(ctx, all)
	if err != nil && len(all) > 1 && apperr.From(err).Kind != apperr.Unavailable {
		for i := range all {
			errs[i] = s.Settle(ctx, all[i:i+1])[0]
		}
		return errs
	}
	for i, e := range all {
		switch {
		case err != nil:
			errs[i] = err
		case !closed[e.ID]:
			errs[i] = ledger.ErrAlreadySettled
		}
	}
	return errs
}

func (s *Store) settle(ctx context.Context, all []ledger.Settlement) (closed map[uuid.UUID]bool, err error) {
	rows := make([][]any, len(all))
	for i, e := range all {
		told, err := audit.Row(principal.Principal{UserID: e.UserID, Client: e.Client}, auditEntry(e))
		if err != nil {
			return nil, err
		}
		status := "settled"
		if e.Released {
			status = "released"
		}
		rows[i] = append(s.row(e.Reservation), status, e.Tokens.Input, e.Tokens.Output, e.Tokens.CacheRead, e.Tokens.CacheWrite,
			e.CostMicroUSD, string(e.CountedBy), e.Swept, e.At, tells(e))
		rows[i] = append(rows[i], told...)
	}
	found, err := s.pool.Query(ctx, settle, pgdb.Columns(rows)...)
	if err != nil {
		return nil, entryError("settle usage", err)
	}
	closed = map[uuid.UUID]bool{}
	var id uuid.UUID
	_, err = pgx.ForEachRow(found, []any{&id, nil}, func() error { closed[id] = true; return nil })
	return closed, entryError("settle usage", err)
}

// Lacking lists what is open or not there; see ledger.Store. The message in the
// log of Postgres makes its commit wait for the disk, and with it all before.
func (s *Store) Lacking(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error) {
	var lacking []uuid.UUID
	err := s.pool.QueryRow(ctx, `SELECT array(SELECT id FROM unnest($1::uuid[]) AS told (id)
			WHERE NOT EXISTS (SELECT FROM ai.ai_usage u WHERE u.id = told.id AND u.status <> 'reserved')),
		pg_logical_emit_message(true, 'atrium', '')`, ids).Scan(&lacking, nil)
	return lacking, pgdb.Fault("look for what was settled", err)
}

// tells gives the entry that the audit row depends on; an attempt that another
// one of the same call took over from has none.
func tells(e ledger.Settlement) *uuid.UUID {
	if e.Released && e.Failure == "" {
		return nil
	}
	return &e.ID
}

func auditEntry(e ledger.Settlement) audit.Entry {
	status := audit.Success
	if e.Failure != "" {
		status = audit.Failure
	}
	return audit.Entry{
		UserID:       e.UserID,
		EventType:    e.EventType(),
		ResourceType: "ai_request",
		ResourceID:   e.RequestID.String(),
		Action:       "generate",
		Status:       status,
		Error:        e.Failure,
		Metadata: map[string]any{
			"model": e.Model, "provider": e.Provider, "attempt": e.Attempt,
			"inputTokens": e.Tokens.Prompt(), "outputTokens": e.Tokens.Output,
			"costMicroUsd": e.CostMicroUSD, "countedBy": e.CountedBy,
		},
	}
}

// Abandoned lists open entries without a process; see ledger.Store.
func (s *Store) Abandoned(ctx context.Context, since time.Time, instance string) ([]ledger.Abandoned, error) {
	const most = 1000 // the rest waits for the next sweep
	rows, err := s.pool.Query(ctx, `SELECT id, user_id, request_id, attempt, provider, model, source,
			estimated_input_tokens, estimated_output_tokens, output_tokens, input_tokens, cache_read_tokens, cache_write_tokens, created_at
		FROM ai.ai_usage
		WHERE status = 'reserved' AND (touched_at < $1 OR ($2 <> '' AND instance = $2))
		ORDER BY created_at LIMIT $3`, since, instance, most)
	if err != nil {
		return nil, pgdb.Fault("list abandoned usage", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a ledger.Abandoned, err error) {
		return a, row.Scan(&a.Reservation.ID, &a.UserID, &a.RequestID, &a.Attempt, &a.Provider, &a.Model, &a.Source,
			&a.Input, &a.MaxOutput, &a.Output, &a.Prompt.Input, &a.Prompt.CacheRead, &a.Prompt.CacheWrite, &a.CreatedAt)
	})
	return found, pgdb.Fault("list abandoned usage", err)
}

var _ ledger.Store = (*Store)(nil)
