package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/group"
	"atrium.internal/pkg/principal"
)

// Book holds calls to their plans and enters what they used.
type Book struct {
	store  Store
	now    func() time.Time
	budget int64
	// watcher may be nil.
	watcher Watcher
	journal Journal
	told    *told
	purses  *purses
	opening *group.Group[Request, Room]
	naming  *group.Group[Reservation, struct{}]
	closing *group.Group[Settlement, struct{}]
}

// NewBook makes a book over a store. now is the clock.
func NewBook(store Store, now func() time.Time) *Book {
	return &Book{
		store: store, now: now, budget: NoBudget, told: newTold(), purses: newPurses(),
		opening: &group.Group[Request, Room]{}, naming: &group.Group[Reservation, struct{}]{}, closing: &group.Group[Settlement, struct{}]{},
	}
}

// Within makes a book that also holds everybody's calls together to a budget,
// in micro-dollars for a calendar month; below 0 is none.
func (b *Book) Within(budget int64) *Book {
	within := *b
	within.budget = budget
	return &within
}

// Noting makes a book that notes in a journal what it settles, for Recover. The
// journal forgets only what Prove has proven.
func (b *Book) Noting(j Journal) *Book {
	noting := *b
	noting.journal = j
	return &noting
}

// Reserve takes a hold from the caller's month, or answers ErrQuotaExceeded,
// ErrBudgetExceeded or ErrHeldElsewhere; ErrRequestReused when the request id was
// used before. Its room may come from a lease, but its row is there when it
// returns.
func (b *Book) Reserve(ctx context.Context, h Hold) (Reservation, error) {
	r, err := b.open(h, 1)
	if err != nil {
		return Reservation{}, err
	}
	if b.purses.take(ctx, r, b.budget, false) {
		return r, b.name(ctx, r)
	}
	return r, b.room(ctx, r, true)
}

// name makes the row of a reservation whose room is from a lease. What it took
// is lost to the lease, until that ends, when it can't.
func (b *Book) name(ctx context.Context, r Reservation) error {
	defer b.purses.end(r.ID)
	_, err := b.naming.Do(ctx, r, func(ctx context.Context, all []Reservation) ([]struct{}, []error) {
		// Not longer than the lease counts for what is taken from it.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), LeaseEnds-leaseFor)
		defer cancel()
		return make([]struct{}, len(all)), b.store.Open(ctx, all)
	})
	return err
}

// ReserveNew is Reserve for a call whose request id nobody else can have. Its
// room may come from a lease, without asking the store; its row then follows.
// What is taken so is in the journal first, so a book without one asks.
func (b *Book) ReserveNew(ctx context.Context, h Hold) (Reservation, error) {
	if b.journal == nil {
		return b.reserve(ctx, h, 1)
	}
	r, err := b.open(h, 1)
	if err != nil {
		return Reservation{}, err
	}
	if b.purses.take(ctx, r, b.budget, true) {
		if err := b.journal.Begin(r); err == nil {
			return r, nil
		}
		b.purses.end(r.ID) // what it took is lost to the lease, until that ends
	}
	return r, b.room(ctx, r, true)
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
	return r, b.room(ctx, r, false)
}

// room makes the entry if there is room for it. What only leases leave no room
// for waits for their end: this process's is given back at once.
func (b *Book) room(ctx context.Context, r Reservation, ahead bool) error {
	for {
		room, q, err := b.ask(ctx, r, ahead)
		if err != nil || room.Fits {
			return err
		}
		if !room.Leased && q.Taken == (Lease{}) {
			return b.refuse(ctx, room, r.Hold, nextMonth(MonthOf(r.CreatedAt)))
		}
		ahead = false
		if err := b.Write(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ErrHeldElsewhere
		case <-time.After(heldPause):
		}
	}
}

func (b *Book) ask(ctx context.Context, r Reservation, ahead bool) (Room, Request, error) {
	lease, err := uuid.NewV7()
	if err != nil {
		return Room{}, Request{}, fmt.Errorf("lease id: %w", err)
	}
	q := b.purses.ask(r, lease, ahead)
	room, err := b.opening.Do(ctx, q, func(ctx context.Context, all []Request) ([]Room, []error) {
		return b.store.Reserve(ctx, all, b.budget)
	})
	b.purses.told(q, room, err)
	return room, q, err
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
	if err := b.Write(ctx); err != nil { // the failed attempt has a row, too
		return Reservation{}, err
	}
	released := b.released(failed, "") // the call goes on
	unkept := b.keep(released)
	if err := b.store.Replace(ctx, failed, next); err != nil {
		return Reservation{}, errors.Join(err, unkept)
	}
	b.told.add(released)
	return next, nil
}

// Touch notes that attempts are alive, so that the sweep leaves them alone.
func (b *Book) Touch(ctx context.Context, alive []Progress) error {
	return b.store.Touch(ctx, alive, b.now())
}

// Refused notes that the provider refused an attempt and did no work for it, for
// a process that is killed before it can release the attempt or settle it.
func (b *Book) Refused(r Reservation, failure string) {
	// What can't be kept is estimated after a kill, as all is without a journal.
	_ = b.keep(b.released(r, failure))
}

func (b *Book) released(r Reservation, failure string) Settlement {
	return Settlement{Reservation: r, Outcome: Outcome{Released: true, Failure: failure}, At: b.now()}
}

// Settle closes an attempt for good and gives what it cost in micro-dollars. A
// second settlement of it is ErrAlreadySettled. When it returns, everybody sees
// the outcome; that it also outlives a crash of the database is for Prove to see
// to.
func (b *Book) Settle(ctx context.Context, r Reservation, o Outcome) (costMicroUSD int64, err error) {
	caller, _ := principal.From(ctx)
	s := Settlement{Reservation: r, Outcome: o, Client: caller.Client, At: b.now()}
	if !o.Released {
		s.CostMicroUSD = r.Price.Cost(o.Tokens)
	}
	unkept := b.keep(s)
	_, err = b.closing.Do(ctx, s, func(ctx context.Context, all []Settlement) ([]struct{}, []error) {
		return make([]struct{}, len(all)), b.store.Settle(ctx, all)
	})
	if errors.Is(err, ErrUserGone) {
		b.purses.end(s.ID)
		return 0, errors.Join(err, b.forget([]uuid.UUID{s.ID}))
	}
	if err == nil {
		b.purses.end(s.ID)
	}
	b.told.add(s)
	if err != nil {
		err = errors.Join(err, unkept) // what the journal could not keep matters now
	}
	return s.CostMicroUSD, err
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
