package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Book holds calls to their plans and enters what they used.
type Book struct {
	store   Store
	now     func() time.Time
	budgets Budgets
}

// NewBook makes a book over a store. now is the clock.
func NewBook(store Store, now func() time.Time) *Book {
	return &Book{store: store, now: now}
}

// Within makes a book that also holds calls to budgets.
func (b *Book) Within(budgets Budgets) *Book {
	return &Book{store: b.store, now: b.now, budgets: budgets}
}

// Reserve takes a hold from the caller's month, or answers ErrQuotaExceeded or
// ErrBudgetExceeded.
func (b *Book) Reserve(ctx context.Context, h Hold) (Reservation, error) {
	r, err := b.open(h, 1)
	if err != nil {
		return Reservation{}, err
	}
	month := monthOf(r.CreatedAt)
	room, err := b.store.Reserve(ctx, r, month, b.budgets)
	if err != nil {
		return Reservation{}, err
	}
	if !room.Fits {
		return Reservation{}, b.budgets.refusal(room, h, nextMonth(month))
	}
	return r, nil
}

// Retry releases a failed attempt and opens the next one under the same hold,
// perhaps with another provider.
func (b *Book) Retry(ctx context.Context, failed Reservation, by By) (Reservation, error) {
	hold := failed.Hold
	hold.By = by
	next, err := b.open(hold, failed.Attempt+1)
	if err != nil {
		return Reservation{}, err
	}
	return next, b.store.Replace(ctx, failed, next)
}

// Touch notes that attempts are alive, so that the sweep leaves them alone.
func (b *Book) Touch(ctx context.Context, alive []Progress) error {
	return b.store.Touch(ctx, alive, b.now())
}

// Settle closes an attempt for good and gives what it cost in micro-dollars. A
// second settlement of it is ErrAlreadySettled.
func (b *Book) Settle(ctx context.Context, r Reservation, o Outcome) (costMicroUSD int64, err error) {
	s := Settlement{Reservation: r, Outcome: o, At: b.now()}
	if !o.Released {
		s.CostMicroUSD = r.Price.Cost(o.Tokens)
	}
	return s.CostMicroUSD, b.store.Settle(ctx, s)
}

func (b *Book) open(h Hold, attempt int) (Reservation, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Reservation{}, fmt.Errorf("ledger id: %w", err)
	}
	return Reservation{Hold: h, ID: id, Attempt: attempt, CreatedAt: b.now()}, nil
}

// monthOf is the first instant of a time's calendar month in UTC. An entry
// belongs to the month it was opened in.
func monthOf(t time.Time) time.Time {
	year, month, _ := t.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

func nextMonth(month time.Time) time.Time { return month.AddDate(0, 1, 0) }
