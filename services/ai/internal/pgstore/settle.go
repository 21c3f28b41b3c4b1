package pgstore

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ai/internal/ledger"
)

// Settle closes an entry and writes its audit row; see ledger.Store.
func (s *Store) Settle(ctx context.Context, e ledger.Settlement) error {
	status := "settled"
	if e.Released {
		status = "released"
	}
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE ai.ai_usage SET status = $2, input_tokens = $3, output_tokens = $4,
			cache_read_tokens = $5, cache_write_tokens = $6, cost_micro_usd = $7, counted_by = $8, swept = $9, settled_at = $10
			WHERE id = $1 AND (status = 'reserved' OR (swept AND NOT $9))`,
			e.ID, status, e.Tokens.Input, e.Tokens.Output, e.Tokens.CacheRead, e.Tokens.CacheWrite,
			e.CostMicroUSD, e.CountedBy, e.Swept, e.At)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return missed(ctx, tx, e.ID)
		}
		return audit.Insert(ctx, tx, auditEntry(e))
	})
	return pgdb.Fault("settle usage", err)
}

// missed says why an entry could not be closed: it is closed, or it went with
// its user while the call was being answered.
func missed(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	var there bool
	if err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM ai.ai_usage WHERE id = $1)`, id).Scan(&there); err != nil {
		return err
	}
	if !there {
		return ledger.ErrUserGone
	}
	return ledger.ErrAlreadySettled
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
