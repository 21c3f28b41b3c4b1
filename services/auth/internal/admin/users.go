package admin

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

// Filter picks accounts; what is empty picks all.
type Filter struct {
	// Text is part of the e-mail address, the username or the full name,
	// whatever the case.
	Text   string
	Role   string
	Plan   string
	Active *bool
}

// Store keeps accounts. Every change also writes its audit row, in the same
// transaction, and is decided under a lock on what the rules look at.
type Store interface {
	// List gives accounts made before one, newest first; a zero id is after all.
	List(ctx context.Context, f Filter, before uuid.UUID, limit int) ([]account.User, error)
	// Summarize counts accounts, those used since one moment and those made on
	// each day (UTC) since another.
	Summarize(ctx context.Context, activeSince, madeSince time.Time) (Summary, error)
	// Change stores roles, plan, state and the lack of a second factor of what
	// decide makes of an account.
	// It answers account.ErrNotFound, ErrPlanUnknown, or what decide returns.
	Change(ctx context.Context, by, id uuid.UUID, decide func(account.Standing) (account.User, error)) (Changed, error)
	// EndSessions ends an account's sessions unless allow objects.
	EndSessions(ctx context.Context, by, id uuid.UUID, allow func(account.Standing) error) ([]session.Ended, error)
	// Refused only writes the audit row of what was refused.
	Refused(ctx context.Context, r Refusal) error
}

// Summary counts accounts.
type Summary struct {
	Total, Active, Suspended int64
	// Made is how many were made on each day (UTC) on which some were.
	Made map[time.Time]int64
}

// Changed is what a change of an account led to.
type Changed struct {
	User account.User
	// Ended are the sessions that ended by it.
	Ended []session.Ended
	// Held are the sessions and API tokens that go on, and whose holder is now
	// another than the gateways' caches say.
	Held []session.Ended
}

// Refusal is a try to administrate that the rules did not allow.
type Refusal struct {
	By, User uuid.UUID
	Action   Action
	Reason   string
	// Wanted is what was asked for, for the audit log.
	Wanted map[string]any
}

// Action is what an administrator does with an account.
type Action string

// The actions.
const (
	Update         Action = "update"
	Delete         Action = "delete"
	RevokeSessions Action = "revoke_sessions"
)

// Notifier tells the gateways what their caches have to forget.
type Notifier interface {
	session.Notifier
	// Changed makes them ask again who holds these. Their open streams end too
	// when interrupt is set, since each was begun with rights that are gone.
	Changed(ctx context.Context, held []session.Ended, interrupt bool)
}

// Users administrates accounts.
type Users struct {
	store    Store
	accounts *account.Accounts
	notifier Notifier
}

// NewUsers makes the rules' keeper.
func NewUsers(store Store, accounts *account.Accounts, notifier Notifier) *Users {
	return &Users{store: store, accounts: accounts, notifier: notifier}
}

// List gives a page of accounts, newest first; next is nil on the last page.
func (u *Users) List(ctx context.Context, f Filter, before uuid.UUID, limit int) (page []account.User, next *uuid.UUID, err error) {
	page, err = u.store.List(ctx, f, before, limit+1)
	if err != nil || len(page) <= limit {
		return page, nil, err
	}
	page = page[:limit]
	return page, &page[limit-1].ID, nil
}

// Get gives an account, or account.ErrNotFound.
func (u *Users) Get(ctx context.Context, id uuid.UUID) (account.User, error) {
	return u.accounts.Get(ctx, id)
}

// Delete removes somebody else's account.
func (u *Users) Delete(ctx context.Context, by, id uuid.UUID) error {
	err := error(ErrOwnDeletion)
	if by != id {
		err = u.accounts.Delete(ctx, by, id)
	}
	return u.noted(ctx, Refusal{By: by, User: id, Action: Delete}, err)
}

// RevokeSessions signs every device of an account out.
func (u *Users) RevokeSessions(ctx context.Context, by, id uuid.UUID) error {
	ended, err := u.store.EndSessions(ctx, by, id, account.Standing.CheckAdmin)
	if err != nil {
		return u.noted(ctx, Refusal{By: by, User: id, Action: RevokeSessions}, err)
	}
	if len(ended) > 0 {
		u.notifier.Ended(ctx, ended)
	}
	return nil
}

// noted writes a refusal by the rules to the audit log, and gives it back.
func (u *Users) noted(ctx context.Context, r Refusal, err error) error {
	var refusal *apperr.Error
	if !errors.As(err, &refusal) || refusal.Kind != apperr.PermissionDenied && refusal.Kind != apperr.Conflict {
		return err
	}
	r.Reason = refusal.Reason
	if fault := u.store.Refused(ctx, r); fault != nil {
		return fault
	}
	return err
}
