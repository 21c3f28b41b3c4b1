package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ai/internal/ledger"
)

// raise enters the alerts that are due. The table's key lets each in once,
// also when several processes look at the same moment.
const raise = `WITH spent AS (
		SELECT user_id, sum(` + heldCost + `)::bigint AS micro_usd, $2::bigint AS budget
		FROM ai.ai_usage WHERE $2 > 0 AND created_at >= $1 GROUP BY user_id
		UNION ALL
		SELECT NULL, sum(` + heldCost + `)::bigint, $3::bigint FROM ai.ai_usage WHERE $3 > 0 AND created_at >= $1)
	INSERT INTO ai.budget_alerts (month, user_id, percent, spent_micro_usd, budget_micro_usd, raised_at)
	SELECT $1::timestamptz AT TIME ZONE 'UTC', user_id, percent, micro_usd, budget, $5
	FROM spent, unnest($4::bigint[]) AS percent
	WHERE micro_usd::numeric * 100 >= budget::numeric * percent
	ON CONFLICT DO NOTHING
	RETURNING user_id, percent, spent_micro_usd, budget_micro_usd`

// RaiseAlerts enters alerts that are due, each with its audit row; see ledger.Store.
func (s *Store) RaiseAlerts(ctx context.Context, month time.Time, budgets ledger.Budgets, thresholds []int64, at time.Time) ([]ledger.Alert, error) {
	var raised []ledger.Alert
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, raise, month, budgets.User, budgets.Deployment, thresholds, at)
		if err != nil {
			return err
		}
		raised, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (ledger.Alert, error) {
			a := ledger.Alert{Month: month, RaisedAt: at}
			return a, row.Scan(&a.UserID, &a.Percent, &a.Spent, &a.Budget)
		})
		if err != nil {
			return err
		}
		for _, a := range raised {
			if err := audit.Insert(ctx, tx, alertEntry(a)); err != nil {
				return err
			}
		}
		return nil
	})
	return raised, pgdb.Fault("raise budget alerts", err)
}

func alertEntry(a ledger.Alert) audit.Entry {
	entry := audit.Entry{
		EventType: "ai.budget.alert", ResourceType: "ai_budget", ResourceID: "deployment", Action: "alert", Status: audit.Success,
		Metadata: map[string]any{
			"month": a.Month.Format("2006-01"), "percent": a.Percent, "spentMicroUsd": a.Spent, "budgetMicroUsd": a.Budget,
		},
	}
	if a.UserID != nil {
		entry.UserID, entry.ResourceID = *a.UserID, a.UserID.String()
	}
	return entry
}
