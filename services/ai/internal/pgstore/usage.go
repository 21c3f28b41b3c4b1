package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ai/internal/ledger"
)

// Month sums a user's month; see ledger.Store.
func (s *Store) Month(ctx context.Context, user uuid.UUID, month time.Time) (ledger.Sum, error) {
	var sum ledger.Sum
	err := s.pool.QueryRow(ctx, `SELECT coalesce(sum(charged_tokens), 0)::bigint, coalesce(sum(`+heldCost+`), 0)::bigint
		FROM ai.ai_usage WHERE user_id = $1 AND created_at >= $2`, user, month).Scan(&sum.Tokens, &sum.CostMicroUSD)
	return sum, pgdb.Fault("sum the month's usage", err)
}

// groupKeys are the expressions that usage is grouped by.
var groupKeys = map[ledger.GroupBy]string{
	ledger.ByModel: `model`,
	ledger.ByDay:   `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
}

// Groups sums settled usage by model or day; see ledger.Store.
func (s *Store) Groups(ctx context.Context, user uuid.UUID, since time.Time, by ledger.GroupBy) ([]ledger.Group, error) {
	key, ok := groupKeys[by]
	if !ok {
		return nil, fmt.Errorf("usage can't be grouped by %q", by)
	}
	rows, err := s.pool.Query(ctx, `SELECT `+key+` AS key, count(*) FILTER (WHERE source <> 'correction') AS requests,
			sum(input_tokens + cache_read_tokens + cache_write_tokens)::bigint AS input,
			sum(output_tokens)::bigint AS output, sum(cost_micro_usd)::bigint AS cost_micro_usd
		FROM ai.ai_usage WHERE user_id = $1 AND created_at >= $2 AND status = 'settled'
		GROUP BY 1 ORDER BY 1`, user, since)
	if err != nil {
		return nil, pgdb.Fault("list usage", err)
	}
	groups, err := pgx.CollectRows(rows, pgx.RowToStructByName[ledger.Group])
	return groups, pgdb.Fault("list usage", err)
}
