package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// ErrBudgetExceeded refuses a call that the money of the month may not cover.
var ErrBudgetExceeded = apperr.New(apperr.QuotaExceeded, "BUDGET_EXCEEDED", "The AI budget for this month is used up.")

// Budgets are what a calendar month may cost in micro-dollars; 0 is no bound.
type Budgets struct {
	// User holds each user, Deployment all of them together.
	User, Deployment int64
}

// Room is what a month has left for a call, as the store found it.
type Room struct {
	// Tokens and Cost are the user's, Total is what everybody's calls cost.
	// Those that nothing holds a call to are 0.
	Tokens, Cost, Total int64
	// Fits says that the entry was made.
	Fits bool
}

// refusal says which bound a call that does not fit runs into.
func (b Budgets) refusal(room Room, h Hold, resets time.Time) error {
	if h.Limit >= 0 && room.Tokens+h.Estimate() > h.Limit {
		return quotaExceeded(room.Tokens, h.Limit, h.Estimate(), resets)
	}
	refused := ErrBudgetExceeded.WithMetadata("resetsAt", resets.Format(time.RFC3339))
	again := fmt.Sprintf("The count starts again on %s (UTC).", resets.Format("2 January 2006"))
	if b.User > 0 && room.Cost+h.CostEstimate() > b.User {
		return refused.WithMetadata("budget", "user").WithMessage(fmt.Sprintf(
			"This request may cost up to %s, and %s of your %s for this month are used or held by answers being written. %s",
			dollars(h.CostEstimate()), dollars(room.Cost), dollars(b.User), again))
	}
	// What the others have used is not for everybody to know.
	return refused.WithMetadata("budget", "deployment").WithMessage("This platform's AI budget for this month is used up. " + again)
}

func dollars(micro int64) string { return fmt.Sprintf("$%.4f", float64(micro)/1e6) }

// thresholds are the parts of a budget, in per cent, at which an alert is raised.
var thresholds = []int64{50, 80, 100}

// Alert says that a part of a month's budget is used.
type Alert struct {
	// UserID is nil for the whole deployment's budget.
	UserID        *uuid.UUID
	Month         time.Time
	Percent       int64
	Spent, Budget int64
	RaisedAt      time.Time
}

// Alerts raises what the month's budgets have come to since the last time, and
// gives the alerts that this call was the first to raise.
func (b *Book) Alerts(ctx context.Context) ([]Alert, error) {
	if b.budgets == (Budgets{}) {
		return nil, nil
	}
	now := b.now()
	return b.store.RaiseAlerts(ctx, monthOf(now), b.budgets, thresholds, now)
}
