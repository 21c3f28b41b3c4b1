package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ai/internal/tariff"
)

// Store keeps the entries.
type Store interface {
	// Reserve enters r if the month, from its first instant, has room for it
	// in the user's plan and in the deployment's budget, and gives what was used
	// before. Negative bounds are none.
	// However many calls come at once, they are let in one after another. It
	// answers ErrRequestReused and ErrUserGone.
	Reserve(ctx context.Context, r Reservation, month time.Time, budget int64) (Room, error)
	// Replace releases one attempt and enters the next one of the same hold,
	// without letting go of the room between them.
	Replace(ctx context.Context, failed, next Reservation) error
	// Touch notes that attempts are alive and how far they have come.
	Touch(ctx context.Context, alive []Progress, at time.Time) error
	// Settle closes an entry and writes the audit row, both or neither. It
	// closes open entries, and for a settlement that is not itself swept also
	// those the sweep closed; for any other it answers ErrAlreadySettled, and
	// ErrUserGone when the entry went with its user.
	Settle(ctx context.Context, s Settlement) error
	// Abandoned lists open entries that nobody touched since the given time,
	// and those of the named instance, if it is not empty.
	Abandoned(ctx context.Context, since time.Time, instance string) ([]Abandoned, error)
	// Month sums a user's entries since the month's first instant.
	Month(ctx context.Context, user uuid.UUID, month time.Time) (Sum, error)
	// Groups sums a user's settled entries since a time by model or by day.
	Groups(ctx context.Context, user uuid.UUID, since time.Time, by GroupBy) ([]Group, error)
	// Correct enters a correction with its audit row, after Correction.Settle of
	// what is charged for the request; two of one request come one after another.
	// It answers ErrUserUnknown, ErrRequestUnknown and what Settle does.
	Correct(ctx context.Context, id uuid.UUID, c Correction, at time.Time) (Entry, error)
	// Entries lists everybody's entries after one, newest first.
	Entries(ctx context.Context, f EntryFilter, after EntryCursor, limit int) ([]Entry, error)
	// Overview sums settled entries by account, model or day, with each account's
	// month, from a cursor on.
	Overview(ctx context.Context, f SumFilter, by GroupBy, after *SumCursor, limit int, month time.Time) ([]Usage, error)
	// Total sums settled entries.
	Total(ctx context.Context, f SumFilter) (Group, error)
	// WholeMonth sums what everybody's entries since the month's first instant
	// take from the deployment's budget, in micro-dollars.
	WholeMonth(ctx context.Context, month time.Time) (int64, error)
	// Lines lists a user's entries after one, oldest first.
	Lines(ctx context.Context, user, after uuid.UUID, limit int) ([]Line, error)
}

// Journal keeps settlements while the store is told of them.
type Journal interface {
	Put(s Settlement) error
	Drop(id uuid.UUID) error
	// Kept lists those that were made before a time.
	Kept(before time.Time) ([]Settlement, error)
}

// Abandoned is an open entry without a process, with its last progress.
type Abandoned struct {
	Reservation
	Progress
}

// Sum is what entries add up to; open ones count at their estimate.
type Sum struct {
	Tokens, CostMicroUSD int64
}

// GroupBy is what usage is listed by.
type GroupBy string

// The groupings.
const (
	ByModel GroupBy = "model"
	ByDay   GroupBy = "day"
)

// Group is the sum of the settled entries of one model, or of one UTC day.
type Group struct {
	Key          string
	Requests     int64
	Input        int64
	Output       int64
	CostMicroUSD int64
}

// Pricer gives what a provider took for a model at a time; either may have left
// the catalogue.
type Pricer func(provider, model string, at time.Time) tariff.Price
