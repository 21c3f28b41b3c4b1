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

// picked are the settled rows of a filter, whose arguments are $1 to $4.
const picked = ` FROM ai.ai_usage WHERE status = 'settled' AND created_at >= $1 AND ($2::timestamptz IS NULL OR created_at < $2)
		AND ($3::uuid IS NULL OR user_id = $3) AND ($4 = '' OR model = $4)`

func picking(f ledger.SumFilter) []any {
	return []any{f.From, orNone(f.To), orNull(f.User), f.Model}
}

// sums are a group's figures.
const sums = `count(*) FILTER (WHERE source <> 'correction') AS requests,
		coalesce(sum(input_tokens + cache_read_tokens + cache_write_tokens), 0)::bigint AS input,
		coalesce(sum(output_tokens), 0)::bigint AS output, coalesce(sum(cost_micro_usd), 0)::bigint AS cost_micro_usd`

// Overview sums by account, model or day; see ledger.Store.
func (s *Store) Overview(ctx context.Context, f ledger.SumFilter, by ledger.GroupBy, after *ledger.SumCursor, limit int, month time.Time) (groups []ledger.Usage, err error) {
	err = s.reads.Do(ctx, func(ctx context.Context, db pgdb.Querier) error {
		groups, err = overview(ctx, db, f, by, after, limit, month)
		return err
	})
	return groups, pgdb.Fault("sum everybody's usage", err)
}

func overview(ctx context.Context, db pgdb.Querier, f ledger.SumFilter, by ledger.GroupBy, after *ledger.SumCursor, limit int, month time.Time) ([]ledger.Usage, error) {
	key, order, from := groupKeys[by], `cost_micro_usd DESC, key DESC`, `(cost_micro_usd, key) < ($5, $6)`
	switch by {
	case ledger.ByUser:
		key = `user_id::text`
	case ledger.ByDay:
		order, from = `key DESC`, `$5::bigint IS NOT NULL AND key < $6`
	case ledger.ByModel:
	default:
		return nil, fmt.Errorf("usage can't be grouped by %q", by)
	}
	cursor := ledger.SumCursor{}
	if after != nil {
		cursor = *after
	}
	rows, err := db.Query(ctx, `WITH sums AS (SELECT `+key+` AS key, `+sums+picked+` GROUP BY 1)
		SELECT key, requests, input, output, cost_micro_usd FROM sums WHERE $7 OR (`+from+`) ORDER BY `+order+` LIMIT $8`,
		append(picking(f), cursor.Cost, cursor.Key, after == nil, limit)...)
	if err != nil {
		return nil, err
	}
	groups, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (u ledger.Usage, err error) {
		return u, row.Scan(&u.Key, &u.Requests, &u.Input, &u.Output, &u.CostMicroUSD)
	})
	if err != nil || by != ledger.ByUser {
		return groups, err
	}
	return groups, addAllowances(ctx, db, groups, month)
}

// addAllowances gives accounts their names and their month.
func addAllowances(ctx context.Context, db pgdb.Querier, groups []ledger.Usage, month time.Time) error {
	of := map[string]*ledger.Usage{}
	ids := make([]uuid.UUID, 0, len(groups))
	for i := range groups {
		id, err := uuid.Parse(groups[i].Key)
		if err != nil {
			return err
		}
		of[groups[i].Key], ids = &groups[i], append(ids, id)
	}
	rows, err := db.Query(ctx, `SELECT c.user_id::text, c.username, c.plan, c.tokens_limit, c.budget_micro_usd,
			coalesce(sum(u.charged_tokens), 0)::bigint, coalesce(sum(`+heldCost+`), 0)::bigint
		FROM ai.callers c LEFT JOIN ai.ai_usage u ON u.user_id = c.user_id AND u.created_at >= $2
		WHERE c.user_id = ANY ($1) GROUP BY c.user_id`, ids, month)
	if err != nil {
		return err
	}
	var id, name string
	var a ledger.Allowance
	_, err = pgx.ForEachRow(rows, []any{&id, &name, &a.Plan, &a.TokensLimit, &a.BudgetMicros, &a.Used.Tokens, &a.Used.CostMicroUSD}, func() error {
		allowance := a
		of[id].Username, of[id].Allowance = name, &allowance
		return nil
	})
	return err
}

// Total sums settled entries; see ledger.Store.
func (s *Store) Total(ctx context.Context, f ledger.SumFilter) (g ledger.Group, err error) {
	err = s.reads.Do(ctx, func(ctx context.Context, db pgdb.Querier) error {
		return db.QueryRow(ctx, `SELECT `+sums+picked, picking(f)...).Scan(&g.Requests, &g.Input, &g.Output, &g.CostMicroUSD)
	})
	return g, pgdb.Fault("sum everybody's usage", err)
}

// WholeMonth sums the deployment's month; see ledger.Store.
func (s *Store) WholeMonth(ctx context.Context, month time.Time) (used int64, err error) {
	err = s.reads.Do(ctx, func(ctx context.Context, db pgdb.Querier) error {
		return db.QueryRow(ctx, `SELECT coalesce(sum(`+heldCost+`), 0)::bigint FROM ai.ai_usage WHERE created_at >= $1`, month).Scan(&used)
	})
	return used, pgdb.Fault("sum the month's cost", err)
}
