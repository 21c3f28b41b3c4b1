package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// ByUser groups by account.
const ByUser GroupBy = "user"

// SumFilter picks settled entries; what is zero picks all but From, which is a time.
type SumFilter struct {
	From, To time.Time
	User     uuid.UUID
	Model    string
}

// Usage is a group of everybody's entries.
type Usage struct {
	Group
	// Username and Allowance are of a group by account.
	Username  string
	Allowance *Allowance
}

// Allowance is an account's current month against its plan, as of its last call.
type Allowance struct {
	Plan string
	// Used is what calls are held against. Limits below 0 are none.
	Used         Sum
	TokensLimit  int64
	BudgetMicros int64
}

// SumCursor is a place in a list of groups.
type SumCursor struct {
	Cost int64
	Key  string
}

// Overview gives groups, the dearest first and days the newest first, with the
// cursor of the next page, if any.
func (b *Book) Overview(ctx context.Context, f SumFilter, by GroupBy, after *SumCursor, limit int) ([]Usage, *SumCursor, error) {
	if err := b.Write(ctx); err != nil {
		return nil, nil, err
	}
	groups, err := b.store.Overview(ctx, f, by, after, limit+1, MonthOf(b.now()))
	if err != nil || len(groups) <= limit {
		return groups, nil, err
	}
	groups = groups[:limit]
	last := groups[limit-1]
	return groups, &SumCursor{Cost: last.CostMicroUSD, Key: last.Key}, nil
}

// Total sums all that a filter picks.
func (b *Book) Total(ctx context.Context, f SumFilter) (Group, error) { return b.store.Total(ctx, f) }

// Whole is the deployment's current month against its budget.
func (b *Book) Whole(ctx context.Context) (used, budget int64, resets time.Time, err error) {
	month := MonthOf(b.now())
	if err := b.Write(ctx); err != nil {
		return 0, 0, resets, err
	}
	used, err = b.store.WholeMonth(ctx, month)
	return used, b.budget, month.AddDate(0, 1, 0), err
}

// ThisMonth is the first instant of the current month.
func (b *Book) ThisMonth() time.Time { return MonthOf(b.now()) }
