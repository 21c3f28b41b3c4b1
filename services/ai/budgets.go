package ai

import (
	"context"
	"errors"
	"fmt"

	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// budgets reads the settings; it names every fault.
func (c Config) budgets() (ledger.Budgets, error) {
	var b ledger.Budgets
	var faults []error
	for _, setting := range []struct {
		name, text string
		to         *int64
	}{{"ATRIUM_AI_USER_BUDGET_USD", c.UserBudget, &b.User}, {"ATRIUM_AI_BUDGET_USD", c.Budget, &b.Deployment}} {
		if setting.text == "" {
			continue
		}
		micro, err := tariff.ParseAmount(setting.text)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", setting.name, err))
		}
		*setting.to = micro
	}
	return b, errors.Join(faults...)
}

// alert raises budget alerts that are due, and says so in the log.
func (s *Service) alert(ctx context.Context) {
	raised, err := s.book.Alerts(ctx)
	if err != nil && ctx.Err() == nil {
		s.deps.Log.WarnContext(ctx, "budgets not looked at", "error", err)
	}
	for _, a := range raised {
		whose := "deployment"
		if a.UserID != nil {
			whose = a.UserID.String()
		}
		s.deps.Log.WarnContext(ctx, "AI budget used", "percent", a.Percent, "budget", whose,
			"spentMicroUsd", a.Spent, "budgetMicroUsd", a.Budget, "month", a.Month.Format("2006-01"))
	}
}
