package grpcapi

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/principal"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// ListUsage sums the caller's own calls by model or by day.
func (s *Service) ListUsage(ctx context.Context, req *aiv1.ListUsageRequest) (*aiv1.ListUsageResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	period, by := ledger.LastMonth, ledger.ByModel
	if req.GetPeriod() == string(ledger.LastDay) {
		period = ledger.LastDay
	}
	if req.GetGroupBy() == string(ledger.ByDay) {
		by = ledger.ByDay
	}
	groups, err := s.book.Groups(ctx, caller.UserID, period, by)
	if err != nil {
		return nil, err
	}
	month, err := s.book.Month(ctx, caller.UserID, caller.Plan.AITokensMonthly, caller.Plan.AIBudgetMonthly)
	if err != nil {
		return nil, err
	}
	out := &aiv1.ListUsageResponse{PlanTokens: &aiv1.PlanTokens{
		Used: month.Tokens, Limit: month.Limit, ResetsAt: timestamppb.New(month.ResetsAt),
	}}
	var cost int64
	for _, g := range groups {
		cost += g.CostMicroUSD
		out.Groups = append(out.Groups, &aiv1.UsageGroup{
			Key: g.Key, Requests: g.Requests, InputTokens: g.Input, OutputTokens: g.Output,
			CostUsd: tariff.Dollars(g.CostMicroUSD),
		})
	}
	out.CostUsd = tariff.Dollars(cost)
	return out, nil
}

// GetTokenUsage gives the figures that the caller's plan is held to.
func (s *Service) GetTokenUsage(ctx context.Context, _ *aiv1.GetTokenUsageRequest) (*aiv1.GetTokenUsageResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	month, err := s.book.Month(ctx, caller.UserID, caller.Plan.AITokensMonthly, caller.Plan.AIBudgetMonthly)
	if err != nil {
		return nil, err
	}
	return &aiv1.GetTokenUsageResponse{
		Used: month.Tokens, Limit: month.Limit, ResetsAt: timestamppb.New(month.ResetsAt), CostMicroUsd: month.CostMicroUSD,
		BudgetMicroUsd: month.Budget,
	}, nil
}
