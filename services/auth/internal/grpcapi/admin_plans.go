package grpcapi

import (
	"context"

	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/proto/usd"
	"atrium.internal/services/auth/internal/admin"
)

// ListPlans gives all plans.
func (a *Admin) ListPlans(ctx context.Context, _ *authv1.ListPlansRequest) (*authv1.ListPlansResponse, error) {
	plans, err := a.plans.List(ctx)
	if err != nil {
		return nil, err
	}
	return &authv1.ListPlansResponse{Plans: summaries(plans)}, nil
}

// PutPlans replaces and adds plans.
func (a *Admin) PutPlans(ctx context.Context, req *authv1.PutPlansRequest) (*authv1.PutPlansResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	wanted := make([]principal.Plan, len(req.GetPlans()))
	for i, p := range req.GetPlans() {
		wanted[i] = principal.Plan{
			Name: p.GetName(), AITokensMonthly: p.GetAiTokensMonthly(), IDESecondsMonthly: p.GetIdeSecondsMonthly(),
			StorageBytes: p.GetStorageBytes(), CPUMillis: p.GetCpuMillis(), MemoryBytes: p.GetMemoryBytes(),
			Workspaces: p.GetWorkspaces(), Isolation: p.GetIsolation(), AIBudgetMonthly: usd.ReadBudget(p.MonthlyBudgetUsd),
		}
	}
	plans, err := a.plans.Put(ctx, caller.UserID, wanted)
	if err != nil {
		return nil, err
	}
	return &authv1.PutPlansResponse{Plans: summaries(plans)}, nil
}

func summaries(plans []admin.PlanSummary) []*authv1.PlanSummary {
	shown := make([]*authv1.PlanSummary, len(plans))
	for i, p := range plans {
		shown[i] = &authv1.PlanSummary{Plan: planMessage(p.Plan), Users: p.Users}
	}
	return shown
}
