package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ai/internal/tariff"
)

// ErrBudgetExceeded refuses a call that the money of the month may not cover.
var ErrBudgetExceeded = apperr.New(apperr.QuotaExceeded, "BUDGET_EXCEEDED", "The AI budget for this month is used up.")

// NoBudget is a budget that bounds nothing.
const NoBudget = -1

// Room is what a month has left for a call, as the store found it.
type Room struct {
	// Tokens and Cost are the user's, Total is what everybody's calls cost in
	// micro-dollars. Those that nothing holds a call to are 0.
	Tokens, Cost, Total int64
	// Fits says that the entry was made.
	Fits bool
	// Leased says that leases hold some of what is left, beside what a request says
	// was taken.
	Leased bool
	// Ahead is what was set aside.
	Ahead Lease
}

// refuse says which bound a call that does not fit runs into.
func (b *Book) refuse(ctx context.Context, room Room, h Hold, resets time.Time) error {
	full, err := b.refusal(room, h, resets)
	if b.watcher != nil {
		b.watcher.Full(ctx, full)
	}
	return err
}

func (b *Book) refusal(room Room, h Hold, resets time.Time) (Full, error) {
	full := Full{User: &h.UserID, Username: h.Username, Used: room.Tokens, Limit: h.Limit}
	if h.Limit >= 0 && room.Tokens+h.Estimate() > h.Limit {
		return full, quotaExceeded(room.Tokens, h.Limit, h.Estimate(), resets)
	}
	refused := ErrBudgetExceeded.WithMetadata("resetsAt", resets.Format(time.RFC3339))
	again := fmt.Sprintf("The count starts again on %s (UTC).", resets.Format("2 January 2006"))
	full.Money = true
	if h.Budget >= 0 && room.Cost+h.CostEstimate() > h.Budget {
		full.Used, full.Limit = room.Cost, h.Budget
		return full, refused.WithMetadata("budget", "user").
			WithMetadata("usedUsd", tariff.Format(room.Cost)).WithMetadata("limitUsd", tariff.Format(h.Budget)).
			WithMessage(fmt.Sprintf("This request may cost up to $%s, and $%s of your plan's $%s for this month are used or held by answers being written. %s",
				tariff.Format(h.CostEstimate()), tariff.Format(room.Cost), tariff.Format(h.Budget), again))
	}
	// What the others have used is not for everybody to know.
	return Full{Money: true, Used: room.Total, Limit: b.budget},
		refused.WithMetadata("budget", "deployment").WithMessage("This platform's AI budget for this month is used up. " + again)
}

// Full is a limit that a call was refused for.
type Full struct {
	// User is nil for the whole deployment's budget.
	User     *uuid.UUID
	Username string
	// Money says that the figures are micro-dollars; else they are tokens.
	Money       bool
	Used, Limit int64
}

// Watcher is told of refusals.
type Watcher interface {
	Full(ctx context.Context, f Full)
}

// Watched makes a book that tells of its refusals.
func (b *Book) Watched(by Watcher) *Book {
	watched := *b
	watched.watcher = by
	return &watched
}
