package announcement

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/auth/internal/account"
)

// Keep is how many announcements there may be at once, those of the past among them.
const Keep = 200

// The refusals of this package.
var (
	// ErrNotFound is also the answer for one that is not shown to the caller now.
	ErrNotFound = apperr.New(apperr.NotFound, "ANNOUNCEMENT_NOT_FOUND", "There is no such announcement.")
	ErrStays    = apperr.New(apperr.Conflict, "ANNOUNCEMENT_STAYS", "This announcement can't be dismissed.")
	ErrTooMany  = apperr.New(apperr.Conflict, "ANNOUNCEMENTS_TOO_MANY", "There are 200 announcements already. Delete old ones first.")
)

// Level is how grave an announcement is.
type Level string

// The levels, the gravest last.
const (
	Info     Level = "info"
	Warning  Level = "warning"
	Critical Level = "critical"
)

// Announcement is a text that every page shows.
type Announcement struct {
	ID    uuid.UUID
	Text  string
	Level Level
	// From and Until bound when it is shown, until not included; nil is no bound.
	From, Until *time.Time
	Dismissible bool
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Store keeps announcements and who has put which away.
type Store interface {
	// Current gives those that are shown at a moment and that a user has not put
	// away, the gravest first and then the newest.
	Current(ctx context.Context, user uuid.UUID, now time.Time) ([]Announcement, error)
	// All gives every one, newest first.
	All(ctx context.Context) ([]Announcement, error)
	// Create adds one, with its audit row, unless allow objects, or gives the one
	// that the same call made before. ErrTooMany beyond Keep.
	Create(ctx context.Context, by uuid.UUID, a Announcement, allow func(account.Standing) error) (Announcement, error)
	// Put replaces one, with its audit row, unless allow objects; a new text or
	// level is shown again to everybody. ErrNotFound.
	Put(ctx context.Context, by uuid.UUID, a Announcement, allow func(account.Standing) error) (Announcement, error)
	// Delete removes one, with its audit row, unless allow objects. ErrNotFound.
	Delete(ctx context.Context, by, id uuid.UUID, allow func(account.Standing) error) error
	// Dismiss notes that a user has put one away, unless allow objects to the one
	// that is there. ErrNotFound.
	Dismiss(ctx context.Context, user, id uuid.UUID, allow func(Announcement) error) error
}

// Board is where announcements hang.
type Board struct {
	store Store
	now   func() time.Time
}

// NewBoard makes the rules' keeper.
func NewBoard(store Store, now func() time.Time) *Board { return &Board{store: store, now: now} }

// Current gives what is shown to a user now.
func (b *Board) Current(ctx context.Context, user uuid.UUID) ([]Announcement, error) {
	return b.store.Current(ctx, user, b.now())
}

// All gives every announcement.
func (b *Board) All(ctx context.Context) ([]Announcement, error) { return b.store.All(ctx) }

// Create makes an announcement.
func (b *Board) Create(ctx context.Context, by uuid.UUID, a Announcement) (Announcement, error) {
	if err := a.check(); err != nil {
		return Announcement{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Announcement{}, err
	}
	a.ID = id
	return b.store.Create(ctx, by, a, account.Standing.CheckAdmin)
}

// Put replaces the announcement of its id.
func (b *Board) Put(ctx context.Context, by uuid.UUID, a Announcement) (Announcement, error) {
	if err := a.check(); err != nil {
		return Announcement{}, err
	}
	return b.store.Put(ctx, by, a, account.Standing.CheckAdmin)
}

func (a *Announcement) check() error {
	if a.Text = strings.TrimSpace(a.Text); a.Text == "" {
		return apperr.Invalid("text", "says nothing")
	}
	if a.From != nil && a.Until != nil && !a.From.Before(*a.Until) {
		return apperr.Invalid("until", "must be after from")
	}
	return nil
}

// Delete removes an announcement.
func (b *Board) Delete(ctx context.Context, by, id uuid.UUID) error {
	return b.store.Delete(ctx, by, id, account.Standing.CheckAdmin)
}

// Dismiss shows an announcement to a user no more.
func (b *Board) Dismiss(ctx context.Context, user, id uuid.UUID) error {
	now := b.now()
	return b.store.Dismiss(ctx, user, id, func(a Announcement) error {
		switch {
		case a.From != nil && now.Before(*a.From):
			return ErrNotFound
		case !a.Dismissible:
			return ErrStays
		}
		return nil
	})
}
