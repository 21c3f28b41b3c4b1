package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ai/internal/tariff"
)

// Store keeps the entries.
type Store interface {
	// Reserve enters each if its month has room for it in the user's plan and in
	// the deployment's budget, and gives what was used before, and an error, for
	// each. Negative bounds are none. However many come at once, they are let in
	// one after another. Leases count as used here, and only here. It answers
	// ErrRequestReused and ErrUserGone.
	Reserve(ctx context.Context, all []Request, budget int64) ([]Room, []error)
	// Open enters reservations for which leases have held the room, and leaves those
	// alone that are there. It answers ErrUserGone.
	Open(ctx context.Context, all []Reservation) []error
	// GiveBack ends leases, without ids all of the process's.
	GiveBack(ctx context.Context, leases []uuid.UUID) error
	// Replace releases one attempt and enters the next one of the same hold,
	// without letting go of the room between them.
	Replace(ctx context.Context, failed, next Reservation) error
	// Touch notes that attempts are alive and how far they have come.
	Touch(ctx context.Context, alive []Progress, at time.Time) error
	// Settle closes entries and writes their audit rows, for each both or neither,
	// and gives an error for each. It closes open entries, and by a settlement that
	// is not itself swept also those the sweep closed; others answer
	// ErrAlreadySettled, and ErrUserGone when the account went. An entry that is
	// not there is made. Like Reserve and Replace it does not wait for the disk: a
	// crash of the database may take back what it did in the last second, whole
	// transactions from the newest on.
	Settle(ctx context.Context, all []Settlement) []error
	// Lacking lists the entries that are open or not there, once all that was
	// done before is on the disk.
	Lacking(ctx context.Context, ids []uuid.UUID) ([]uuid.UUID, error)
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

// Journal keeps settlements until the store is known to keep them.
type Journal interface {
	// Begin keeps a reservation that the store is told of later.
	Begin(r Reservation) error
	// Put keeps a settlement; of one entry, the first.
	Put(s Settlement) error
	// Drop forgets all of entries.
	Drop(ids []uuid.UUID) error
	// Kept lists what earlier processes left: settlements, and reservations without
	// one.
	Kept() ([]Settlement, []Reservation, error)
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
