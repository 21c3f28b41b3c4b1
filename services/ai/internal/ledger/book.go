package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Book holds calls to their plans and enters what they used.
type Book struct {
	store  Store
	now    func() time.Time
	budget int64
	// watcher may be nil.
	watcher Watcher
	journal Journal
}

// NewBook makes a book over a store. now is the clock.
func NewBook(store Store, now func() time.Time) *Book {
	return &Book{store: store, now: now, budget: NoBudget}
}

// Within makes a book that also holds everybody's calls together to a budget,
// in micro-dollars for a calendar month; below 0 is none.
func (b *Book) Within(budget int64) *Book {
	within := *b
	within.budget = budget
	return &within
}

// Noting makes a book that notes in a journal what it settles, for Recover.
func (b *Book) Noting(j Journal) *Book {
	noting := *b
	noting.journal = j
	return &noting
}

// Reserve takes a hold from the caller's month, or answers ErrQuotaExceeded or
// ErrBudgetExceeded.
func (b *Book) Reserve(ctx context.Context, h Hold) (Reservation, error) {
	return b.reserve(ctx, h, 1)
}

// Again is Reserve for the next attempt of a call whose last one was settled.
func (b *Book) Again(ctx context.Context, settled Reservation, by By) (Reservation, error) {
	hold := settled.Hold
	hold.By = by
	return b.reserve(ctx, hold, settled.Attempt+1)
}

func (b *Book) reserve(ctx context.Context, h Hold, attempt int) (Reservation, error) {
	r, err := b.open(h, attempt)
	if err != nil {
		return Reservation{}, err
	}
	month := MonthOf(r.CreatedAt)
	room, err := b.store.Reserve(ctx, r, month, b.budget)
	if err != nil {
		return Reservation{}, err
	}
	if !room.Fits {
		return Reservation{}, b.refuse(ctx, room, h, nextMonth(month))
	}
	return r, nil
}

// Retry releases an attempt that the provider did no work for and opens the next one under the same hold,
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
	return s.CostMicroUSD, b.settle(ctx, s)
}

// settle tells the store what the journal has. What the journal could not keep
// is worth a word only when the store could not either.
func (b *Book) settle(ctx context.Context, s Settlement) error {
	if b.journal == nil {
		return b.store.Settle(ctx, s)
	}
	unkept := b.journal.Put(s)
	err := b.store.Settle(ctx, s)
	if err == nil || errors.Is(err, ErrAlreadySettled) || errors.Is(err, ErrUserGone) {
		_ = b.journal.Drop(s.ID) // Recover finds it settled, and tries again
		return err
	}
	return errors.Join(err, unkept)
}

// Recover settles what the journal still has from before the given time: a
// killed process had it, or the database was away for too long. It gives the
// number of entries.
func (b *Book) Recover(ctx context.Context, untouched time.Duration) (int, error) {
	if b.journal == nil {
		return 0, nil
	}
	kept, err := b.journal.Kept(b.now().Add(-untouched))
	faults := []error{err}
	settled := 0
	for _, s := range kept {
		err := b.store.Settle(ctx, s)
		switch {
		case err == nil:
			settled++
		case errors.Is(err, ErrAlreadySettled), errors.Is(err, ErrUserGone):
		default:
			faults = append(faults, err)
			continue
		}
		faults = append(faults, b.journal.Drop(s.ID))
	}
	return settled, errors.Join(faults...)
}

func (b *Book) open(h Hold, attempt int) (Reservation, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Reservation{}, fmt.Errorf("ledger id: %w", err)
	}
	return Reservation{Hold: h, ID: id, Attempt: attempt, CreatedAt: b.now()}, nil
}

// MonthOf is the first instant of a time's calendar month in UTC. An entry
// belongs to the month it was opened in.
func MonthOf(t time.Time) time.Time {
	year, month, _ := t.UTC().Date()
	return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
}

func nextMonth(month time.Time) time.Time { return month.AddDate(0, 1, 0) }
