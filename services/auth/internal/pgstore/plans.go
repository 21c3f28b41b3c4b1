package pgstore

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/admin"
	"atrium.internal/services/auth/internal/session"
)

// planColumns are a principal.Plan's fields, in their order.
const planColumns = `name, ai_tokens_monthly, ide_seconds_monthly, storage_bytes, cpu_millis, memory_bytes, workspaces, isolation, ai_budget_monthly_micro_usd`

// ListPlans gives all plans by name.
func (s *Admin) ListPlans(ctx context.Context) ([]admin.PlanSummary, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+planColumns+`, (SELECT count(*) FROM auth.users WHERE plan = name)
		FROM auth.plans ORDER BY name`)
	if err != nil {
		return nil, pgdb.Fault("list plans", err)
	}
	plans, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a admin.PlanSummary, err error) {
		p := &a.Plan
		return a, row.Scan(&p.Name, &p.AITokensMonthly, &p.IDESecondsMonthly, &p.StorageBytes, &p.CPUMillis,
			&p.MemoryBytes, &p.Workspaces, &p.Isolation, &p.AIBudgetMonthly, &a.Users)
	})
	return plans, pgdb.Fault("list plans", err)
}

// PutPlans replaces the plans of these names and adds those that are new.
func (s *Admin) PutPlans(ctx context.Context, by uuid.UUID, plans []principal.Plan, allow func(account.Standing) error) ([]session.Ended, error) {
	var held []session.Ended
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if err := administers(ctx, tx, by, allow); err != nil {
			return err
		}
		var replaced []string
		for _, p := range plans {
			changed, err := putPlan(ctx, tx, by, p)
			if err != nil {
				return err
			}
			if changed {
				replaced = append(replaced, p.Name)
			}
		}
		var err error
		held, err = recentlyUsed(ctx, tx, replaced)
		return err
	})
	return held, pgdb.Fault("put plans", err)
}

// putPlan stores one plan with its audit row; changed is false when it is so
// already.
func putPlan(ctx context.Context, tx pgx.Tx, by uuid.UUID, p principal.Plan) (changed bool, err error) {
	rows, err := tx.Query(ctx, `SELECT `+planColumns+` FROM auth.plans WHERE name = $1 FOR UPDATE`, p.Name)
	if err != nil {
		return false, err
	}
	before, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[principal.Plan])
	isNew := errors.Is(err, pgx.ErrNoRows)
	if err != nil && !isNew {
		return false, err
	}
	if before == p {
		return false, nil
	}
	_, err = tx.Exec(ctx, `INSERT INTO auth.plans (`+planColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (name) DO UPDATE SET ai_tokens_monthly = $2, ide_seconds_monthly = $3, storage_bytes = $4,
			cpu_millis = $5, memory_bytes = $6, workspaces = $7, isolation = $8,
			ai_budget_monthly_micro_usd = $9`,
		p.Name, p.AITokensMonthly, p.IDESecondsMonthly, p.StorageBytes, p.CPUMillis, p.MemoryBytes, p.Workspaces, p.Isolation, p.AIBudgetMonthly)
	if err != nil {
		return false, err
	}
	entry := audit.Entry{
		UserID: by, EventType: "admin.plan.update", ResourceType: "plan", ResourceID: p.Name,
		Action: "update", Status: audit.Success, Metadata: map[string]any{"from": limits(before), "to": limits(p)},
	}
	if isNew {
		entry.EventType, entry.Action, entry.Metadata = "admin.plan.create", "create", map[string]any{"to": limits(p)}
	}
	return true, audit.Insert(ctx, tx, entry)
}

// recentlyUsed gives the sessions and API tokens of accounts on these plans
// that a gateway can still have in its cache: an entry lives a minute, and
// filling it notes the use when that is a minute old.
func recentlyUsed(ctx context.Context, tx pgx.Tx, plans []string) ([]session.Ended, error) {
	if len(plans) == 0 {
		return nil, nil
	}
	return queryEnded(ctx, tx, `
		SELECT s.id, s.token FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
		WHERE u.plan = ANY ($1) AND s.last_activity > now() - interval '5 minutes'
		UNION ALL
		SELECT t.id, t.token FROM auth.api_tokens t JOIN auth.users u ON u.id = t.user_id
		WHERE u.plan = ANY ($1) AND t.last_used > now() - interval '5 minutes'`, plans)
}

func limits(p principal.Plan) map[string]any {
	return map[string]any{
		"aiTokensMonthly": p.AITokensMonthly, "ideSecondsMonthly": p.IDESecondsMonthly, "storageBytes": p.StorageBytes,
		"cpuMillis": p.CPUMillis, "memoryBytes": p.MemoryBytes, "workspaces": p.Workspaces, "isolation": p.Isolation,
		"monthlyBudgetMicroUsd": p.AIBudgetMonthly,
	}
}
