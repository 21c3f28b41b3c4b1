package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Month is a user's calendar month, in UTC, against the plan.
type Month struct {
	Sum
	// Limit in tokens, Budget in micro-dollars; negative is unlimited.
	Limit    int64
	Budget   int64
	ResetsAt time.Time
}

// Month gives the figures that Reserve holds a call against.
func (b *Book) Month(ctx context.Context, user uuid.UUID, limit, budget int64) (Month, error) {
	month := MonthOf(b.now())
	if err := b.Write(ctx); err != nil {
		return Month{}, err
	}
	sum, err := b.store.Month(ctx, user, month)
	return Month{Sum: sum, Limit: limit, Budget: budget, ResetsAt: nextMonth(month)}, err
}

// Period is how far back usage is listed.
type Period string

// The periods.
const (
	LastDay   Period = "day"
	LastMonth Period = "month"
)

// Groups lists what a user's calls of the last day or month used.
func (b *Book) Groups(ctx context.Context, user uuid.UUID, period Period, by GroupBy) ([]Group, error) {
	since := b.now().AddDate(0, -1, 0)
	if period == LastDay {
		since = b.now().AddDate(0, 0, -1)
	}
	return b.store.Groups(ctx, user, since, by)
}
