package ledger

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ai/internal/tariff"
)

// SourceCorrection is the source of corrections' entries; no call has it.
const SourceCorrection = "correction"

// What corrections are refused for.
var (
	ErrRequestUnknown = apperr.New(apperr.NotFound, "REQUEST_NOT_FOUND", "This account has made no such request.")
	ErrUserUnknown    = apperr.New(apperr.NotFound, "USER_NOT_FOUND", "There is no such account.")
	ErrRequestRuns    = apperr.New(apperr.Conflict, "REQUEST_RUNNING", "This request is still being answered; correct it when it has ended.")
	ErrNothingCharged = apperr.New(apperr.Conflict, "NOTHING_CHARGED", "Nothing is charged for this request any more.")
	ErrBelowNothing   = apperr.New(apperr.InvalidArgument, "CORRECTION_TOO_LARGE", "More would be given back than is charged for this request.")
)

// Correction is what an administrator adds to an account's usage; below 0 is
// given back.
type Correction struct {
	UserID uuid.UUID
	// Request is the request that it corrects; the zero id is none. Without
	// figures, all that is still charged for it is given back.
	Request      uuid.UUID
	Tokens       tariff.Tokens
	CostMicroUSD int64
	// Reason is a person's, By the administrator.
	Reason string
	By     uuid.UUID
}

// empty says that a correction has no figures.
func (c Correction) empty() bool { return c.Tokens == (tariff.Tokens{}) && c.CostMicroUSD == 0 }

// Charged is what a request's entries and their corrections add up to.
type Charged struct {
	Provider, Model string
	Tokens          tariff.Tokens
	CostMicroUSD    int64
	// Running says that an attempt is not closed yet.
	Running bool
}

// Settle gives the figures of a correction of what is charged, or why it can't
// be made.
func (c Correction) Settle(charged Charged) (Correction, error) {
	if charged.Running {
		return c, ErrRequestRuns
	}
	if c.empty() {
		c.Tokens = tariff.Tokens{
			Input: -charged.Tokens.Input, Output: -charged.Tokens.Output,
			CacheRead: -charged.Tokens.CacheRead, CacheWrite: -charged.Tokens.CacheWrite,
		}
		c.CostMicroUSD = -charged.CostMicroUSD
		if c.empty() {
			return c, ErrNothingCharged
		}
		return c, nil
	}
	// A correction has no figures of its own for what was cached: it is input.
	if charged.Tokens.Prompt()+c.Tokens.Input < 0 || charged.Tokens.Output+c.Tokens.Output < 0 || charged.CostMicroUSD+c.CostMicroUSD < 0 {
		return c, ErrBelowNothing
	}
	return c, nil
}

// Correct enters a correction, which counts in the month of now. It answers
// ErrUserUnknown, ErrRequestUnknown, ErrRequestRuns, ErrNothingCharged and
// ErrBelowNothing.
func (b *Book) Correct(ctx context.Context, c Correction) (Entry, error) {
	if c.Reason = strings.TrimSpace(c.Reason); c.Reason == "" {
		return Entry{}, apperr.Invalid("reason", "say why")
	}
	if c.Request == uuid.Nil && c.empty() {
		return Entry{}, apperr.Invalid("requestId", "name a request, or give figures")
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Entry{}, fmt.Errorf("ledger id: %w", err)
	}
	if err := b.Write(ctx); err != nil {
		return Entry{}, err
	}
	return b.store.Correct(ctx, id, c, b.now())
}

// Entry is a row of the ledger as administrators see it.
type Entry struct {
	Line
	UserID   uuid.UUID
	Username string
	// Corrects and By are a correction's; By is zero once the
	// administrator's account is gone.
	Corrects uuid.UUID
	By       uuid.UUID
}

// EntryFilter picks entries; what is zero picks all.
type EntryFilter struct {
	User, Request uuid.UUID
	Model         string
	From, To      time.Time
}

// EntryCursor is a place in a list of entries.
type EntryCursor struct {
	At time.Time
	ID uuid.UUID
}

// Entries gives entries, newest first, and the cursor of the next page, if any.
func (b *Book) Entries(ctx context.Context, f EntryFilter, after EntryCursor, limit int) ([]Entry, *EntryCursor, error) {
	if err := b.Write(ctx); err != nil {
		return nil, nil, err
	}
	entries, err := b.store.Entries(ctx, f, after, limit+1)
	if err != nil || len(entries) <= limit {
		return entries, nil, err
	}
	entries = entries[:limit]
	last := entries[limit-1]
	return entries, &EntryCursor{At: last.CreatedAt, ID: last.ID}, nil
}
