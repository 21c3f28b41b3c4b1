package reset

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

// Store keeps wishes and what is left of links.
type Store interface {
	// Wish keeps that somebody asked for a link to an address, whoever's that
	// is, and writes the audit row.
	Wish(ctx context.Context, id uuid.UUID, email string) error
	// Find gives the account that a link is for, or ErrToken when it is unknown,
	// too old at the given time, or the account's password is another since.
	Find(ctx context.Context, token session.Hash, now time.Time) (account.Credentials, error)
	// Redeem uses a link up: it stores the password's new hash, and ends the
	// account's sessions and other links. It answers ErrToken as Find does, and
	// of several callers at once one succeeds.
	Redeem(ctx context.Context, token session.Hash, now time.Time, passwordHash string) ([]session.Ended, error)
	// Refused only writes the audit row of a token that is no good.
	Refused(ctx context.Context) error
	Outbox
}

// Options are what Resets stands on.
type Options struct {
	Log      *slog.Logger
	Store    Store
	Accounts Accounts
	Hasher   account.Hasher
	// Throttle bounds asking and guessing, by address.
	Throttle account.Throttle
	Notifier session.Notifier
	Mailer   Mailer
	// Mails is false where the operator passes links on.
	Mails bool
	// PublicURL is where browsers reach the platform; links begin with it.
	PublicURL string
	Now       func() time.Time
}

// Resets applies the rules of this package.
type Resets struct {
	Options
	wake chan struct{}
}

// New makes the rules' keeper. Links are sent while Run runs.
func New(o Options) *Resets {
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	return &Resets{Options: o, wake: make(chan struct{}, 1)}
}

// Forgot notes that somebody wants a link sent to an address. It doesn't look
// whether anybody has the address: that is found out later, by Run, so that
// neither the answer nor its time can tell.
func (r *Resets) Forgot(ctx context.Context, email string) error {
	email = strings.ToLower(strings.TrimSpace(email))
	caller, _ := principal.From(ctx)
	if err := r.Throttle.Take(ctx, email, caller.Client.Address); err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if err := r.Store.Wish(ctx, id, email); err != nil {
		return err
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return nil
}

// tokens is what guesses of a token are counted under.
const tokens = "token of a link"

// Reset sets a new password with the token of a link, once, and ends every
// session of the account. A second factor stays on.
func (r *Resets) Reset(ctx context.Context, token, password string) error {
	caller, _ := principal.From(ctx)
	if err := r.Throttle.Take(ctx, tokens, caller.Client.Address); err != nil {
		return err
	}
	hash := session.Hash(sha256.Sum256([]byte(token)))
	found, err := r.Store.Find(ctx, hash, r.Now())
	if errors.Is(err, ErrToken) {
		return errors.Join(err, r.Store.Refused(ctx))
	}
	if err != nil {
		return err
	}
	r.Throttle.Succeeded(ctx, tokens, caller.Client.Address)
	if err := account.CheckPassword("newPassword", password, found.Email, found.Username); err != nil {
		return err
	}
	stored, err := r.Hasher.Hash(ctx, password)
	if err != nil {
		return err
	}
	ended, err := r.Store.Redeem(ctx, hash, r.Now(), stored)
	if err != nil {
		return err
	}
	if len(ended) > 0 {
		r.Notifier.Ended(ctx, ended)
	}
	return nil
}
