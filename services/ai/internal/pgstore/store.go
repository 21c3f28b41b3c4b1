package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ai/internal/ledger"
)

// Store is the ledger's store.
type Store struct {
	pool     *pgxpool.Pool
	reads    *pgdb.Reads
	instance string
}

// New makes a store over the service's pool. The instance is entered with each
// reservation, so that a restarted process can tell its own.
func New(pool *pgxpool.Pool, instance string) *Store {
	return &Store{pool: pool, reads: pgdb.ByPrimary(pool), instance: instance}
}

// By has everybody's usage summed where what is a little old is read.
func (s *Store) By(reads *pgdb.Reads) *Store {
	return &Store{pool: s.pool, reads: reads, instance: s.instance}
}

const insertEntry = `INSERT INTO ai.ai_usage (id, user_id, request_id, attempt, provider, model, source, status,
		estimated_input_tokens, estimated_output_tokens, instance, created_at, touched_at, estimated_cost_micro_usd)`

// heldCost is what a row takes from the budgets: what it cost, or while the
// attempt runs what it may cost.
const heldCost = `CASE status WHEN 'reserved' THEN estimated_cost_micro_usd ELSE cost_micro_usd END`

// lockUser lets a user's reservations in one after another, to the end of the
// transaction: it locks the user's row, whether or not it has to change it to
// what is known of who calls now.
const lockUser = `INSERT INTO ai.callers AS c (user_id, username, plan, tokens_limit, budget_micro_usd) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (user_id) DO UPDATE SET username = $2, plan = $3, tokens_limit = $4, budget_micro_usd = $5
	WHERE (c.username, c.plan, c.tokens_limit, c.budget_micro_usd) IS DISTINCT FROM ($2, $3, $4::bigint, $5::bigint)`

// lockDeployment does so for everybody's; it is taken after the user's.
const lockDeployment = `SELECT pg_advisory_xact_lock(hashtextextended('ai.ai_usage', 0))`

// lazily is a column that lets the statement's transaction be committed without
// waiting for the disk; see ledger.Store.Settle.
const lazily = `set_config('synchronous_commit', 'off', true)`

// row gives the columns of insertEntry without the status and the second time.
func (s *Store) row(r ledger.Reservation) []any {
	return []any{
		r.ID, r.UserID, r.RequestID, r.Attempt, r.Provider, r.Model, r.Source,
		r.Input, r.MaxOutput, s.instance, r.CreatedAt, r.CostEstimate(),
	}
}

// replace leaves an attempt alone that was closed before, and makes the next one
// also where a crash took the failed one.
const replace = `WITH failed AS (SELECT status FROM ai.ai_usage WHERE id = $13),
	released AS (UPDATE ai.ai_usage SET status = 'released', output_tokens = 0, settled_at = $11 WHERE id = $13 AND status = 'reserved')
	` + insertEntry + `
	SELECT $1, $2, $3, $4, $5, $6, $7, 'reserved', $8, $9, $10, $11, $11, $12
	WHERE NOT EXISTS (SELECT FROM failed WHERE status <> 'reserved')
	RETURNING ` + lazily

// Replace releases one attempt and opens the next; see ledger.Store.
func (s *Store) Replace(ctx context.Context, failed, next ledger.Reservation) error {
	tag, err := s.pool.Exec(ctx, replace, append(s.row(next), failed.ID)...)
	if err == nil && tag.RowsAffected() == 0 {
		return ledger.ErrAlreadySettled
	}
	return entryError("open the next attempt", err)
}

// Touch notes progress; see ledger.Store. One statement serves every attempt. It
// waits for nobody: what is locked is being settled.
func (s *Store) Touch(ctx context.Context, alive []ledger.Progress, at time.Time) error {
	ids := make([]uuid.UUID, len(alive))
	var figures [4][]int64
	for i, p := range alive {
		ids[i] = p.ID
		for kind, n := range []int64{p.Output, p.Prompt.Input, p.Prompt.CacheRead, p.Prompt.CacheWrite} {
			figures[kind] = append(figures[kind], n)
		}
	}
	_, err := s.pool.Exec(ctx, `UPDATE ai.ai_usage SET touched_at = $6, output_tokens = alive.output,
			input_tokens = alive.input, cache_read_tokens = alive.cache_read, cache_write_tokens = alive.cache_write
		FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS alive (id, output, input, cache_read, cache_write)
		WHERE ai_usage.id = alive.id
		  AND ai_usage.id IN (SELECT id FROM ai.ai_usage WHERE id = ANY ($1) AND status = 'reserved' FOR UPDATE SKIP LOCKED)`, ids, figures[0], figures[1], figures[2], figures[3], at)
	return pgdb.Fault("note progress", err)
}

// entryError puts the refusals of a new row into the ledger's words.
func entryError(what string, err error) error {
	const foreignKeyViolation = "23503"
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case pgdb.IsUnique(err, "ai_usage_request_attempt_key"):
		return ledger.ErrRequestReused
	case errors.As(err, &pg) && pg.Code == foreignKeyViolation:
		return ledger.ErrUserGone
	}
	return pgdb.Fault(what, err)
}
