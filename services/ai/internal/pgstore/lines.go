package pgstore

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ai/internal/ledger"
)

// Lines lists a user's entries by the time they were opened; see ledger.Store.
func (s *Store) Lines(ctx context.Context, user, after uuid.UUID, limit int) ([]ledger.Line, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, request_id, attempt, provider, model, source, status,
			input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_micro_usd, counted_by, created_at, settled_at, reason
		FROM ai.ai_usage WHERE user_id = $1
		  AND (created_at, id) > (coalesce((SELECT created_at FROM ai.ai_usage WHERE id = $2), '-infinity'), $2)
		ORDER BY created_at, id LIMIT $3`, user, after, limit)
	if err != nil {
		return nil, pgdb.Fault("list usage", err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l ledger.Line, err error) {
		err = row.Scan(&l.ID, &l.RequestID, &l.Attempt, &l.Provider, &l.Model, &l.Source, &l.Status,
			&l.Tokens.Input, &l.Tokens.Output, &l.Tokens.CacheRead, &l.Tokens.CacheWrite, &l.CostMicroUSD, &l.CountedBy, &l.CreatedAt, &l.SettledAt, &l.Why)
		return l, err
	})
	return lines, pgdb.Fault("list usage", err)
}
