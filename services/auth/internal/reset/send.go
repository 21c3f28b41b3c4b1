package reset

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

const (
	// Lifetime is how long a link is good, from when it is made.
	Lifetime = time.Hour
	// MaxLinks is how many good links an account may have; more wishes within
	// their lifetime send nothing, so that nobody's mailbox can be flooded.
	MaxLinks = 3
	// every is how often the outbox is looked at unasked: for what another
	// replica left, and what is to be tried again.
	every = 15 * time.Second
	// firstRetry doubles with every attempt.
	firstRetry = 15 * time.Second
	// MaxAttempts are made to send one mail.
	MaxAttempts = 8
)

// Wish is a link that somebody asked for.
type Wish struct {
	ID    uuid.UUID
	Email string
	// Attempts is how often it was tried to send it, this time included.
	Attempts int
}

// Link is what is kept of a link.
type Link struct {
	User uuid.UUID
	// Token is the hash of its token; PasswordMark is of the password that it
	// ends with.
	Token        session.Hash
	PasswordMark string
	ExpiresAt    time.Time
}

// Outbox keeps the wishes that were not fulfilled yet.
type Outbox interface {
	// Due takes a wish whose time has come and puts it off by retry doubled for
	// each earlier attempt, so that nobody else takes it meanwhile; or answers
	// ErrNoneDue.
	Due(ctx context.Context, now time.Time, retry time.Duration) (Wish, error)
	// Make keeps a wish's link, in the place of one that could not be sent. It
	// answers ErrNoneDue when the account has limit good links of other wishes.
	Make(ctx context.Context, wish uuid.UUID, l Link, now time.Time, limit int) error
	// Sent notes that a link is on its way, and writes the audit row.
	Sent(ctx context.Context, wish, user uuid.UUID) error
	// Drop removes a wish that sends nothing.
	Drop(ctx context.Context, wish uuid.UUID) error
}

// Accounts finds whom an address belongs to.
type Accounts interface {
	// Find gives the account of a normalised e-mail address, or account.ErrNotFound.
	Find(ctx context.Context, login string) (account.Credentials, error)
}

// Mailer sends mail.
type Mailer interface {
	// Send delivers a plain text to an address, or to somebody who will.
	Send(ctx context.Context, to, subject, text string) error
}

// Run sends links until ctx ends. What is not sent by then is kept, and sent by
// whoever runs next.
func (r *Resets) Run(ctx context.Context) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		for r.sendNext(ctx) {
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-r.wake:
		}
	}
}

// sendNext reports whether there may be more to send.
func (r *Resets) sendNext(ctx context.Context) bool {
	wish, err := r.Store.Due(ctx, r.Now(), firstRetry)
	if errors.Is(err, ErrNoneDue) || ctx.Err() != nil {
		return false
	}
	if err == nil {
		err = r.fulfil(ctx, wish)
	}
	if err != nil && ctx.Err() == nil {
		r.Log.WarnContext(ctx, "password reset link not sent", "wish", wish.ID, "attempt", wish.Attempts, "error", err)
		return wish.ID != uuid.Nil // the database may be away
	}
	return ctx.Err() == nil
}

// fulfil makes a link and sends it. The token is made here and kept nowhere,
// so an attempt that failed leaves nothing to send again: the next makes another.
func (r *Resets) fulfil(ctx context.Context, w Wish) error {
	found, err := r.Accounts.Find(ctx, w.Email)
	if err != nil && !errors.Is(err, account.ErrNotFound) {
		return err
	}
	if err != nil || !found.Active || !found.HasPassword || w.Attempts > MaxAttempts {
		return r.Store.Drop(ctx, w.ID)
	}
	raw := make([]byte, sha256.Size)
	rand.Read(raw)
	token := base64.RawURLEncoding.EncodeToString(raw)
	err = r.Store.Make(ctx, w.ID, Link{
		User: found.ID, Token: sha256.Sum256([]byte(token)), PasswordMark: found.PasswordMark(), ExpiresAt: r.Now().Add(Lifetime),
	}, r.Now(), MaxLinks)
	if errors.Is(err, ErrNoneDue) {
		return r.Store.Drop(ctx, w.ID)
	}
	if err != nil {
		return err
	}
	if err := r.Mailer.Send(ctx, found.Email, subject, r.text(found.User, token)); err != nil {
		return err
	}
	return r.Store.Sent(ctx, w.ID, found.ID)
}

const subject = "Set a new password for Atrium"

// text carries the token in the fragment of the link, which browsers send to
// nobody: it is in no access log and no Referer.
func (r *Resets) text(u account.User, token string) string {
	return fmt.Sprintf(`Hello %s,

somebody, most likely you, asked to set a new password for your account at
%s. Open this link within an hour to do so:

%s/reset#token=%s

The link is good once. If you did not ask for it, ignore this mail: nothing
has changed, and your password still works.
`, u.Username, r.PublicURL, r.PublicURL, token)
}
