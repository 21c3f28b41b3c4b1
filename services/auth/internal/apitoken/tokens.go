package apitoken

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/session"
)

// Store keeps API tokens. Making and ending one also writes the audit row, in
// the same transaction.
type Store interface {
	// Create adds a token, or gives the one that the same call made before.
	Create(ctx context.Context, t Token, hash session.Hash) (Token, error)
	// Get gives one of a user's tokens that is good at the given time, or ErrNotFound.
	Get(ctx context.Context, user, id uuid.UUID, now time.Time) (Token, error)
	// List gives the user's tokens made before one, newest first; a zero id is
	// after all of them. Expired ones are among them.
	List(ctx context.Context, user, before uuid.UUID, limit int) ([]Token, error)
	// End removes one of a user's tokens, or answers ErrNotFound.
	End(ctx context.Context, user, id uuid.UUID) (session.Ended, error)
	// CreateOfWorkspace adds a workspace's token and ends the one that it had.
	CreateOfWorkspace(ctx context.Context, t Token, workspace uuid.UUID, hash session.Hash) ([]session.Ended, error)
	// EndOfWorkspace removes a workspace's token, if it has one.
	EndOfWorkspace(ctx context.Context, workspace uuid.UUID) ([]session.Ended, error)
	// Holder gives who holds a token that is good at the given time, or ErrInvalid.
	Holder(ctx context.Context, hash session.Hash, now time.Time) (Holder, error)
	// Refused notes for the audit log that a token was used in vain; the holder
	// is zero for one that is no good. It does not wait.
	Refused(ctx context.Context, h Holder, reason string)
	// Touch notes a token's use.
	Touch(ctx context.Context, id uuid.UUID, now time.Time) error
}

// Tokens applies the rules of this package.
type Tokens struct {
	log      *slog.Logger
	store    Store
	notifier session.Notifier
	key      []byte
	now      func() time.Time
}

// New makes the rules' keeper. The key makes the tokens of repeatable calls;
// now is the clock.
func New(log *slog.Logger, store Store, notifier session.Notifier, key []byte, now func() time.Time) *Tokens {
	return &Tokens{log: log, store: store, notifier: notifier, key: key, now: now}
}

// Create makes a token for the caller. Its text is given here and never again.
func (t *Tokens) Create(ctx context.Context, caller principal.Principal, name string, scopes []string, expires *time.Time) (Token, string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Token{}, "", fmt.Errorf("token id: %w", err)
	}
	made := Token{
		ID: id, UserID: caller.UserID, Name: strings.TrimSpace(name),
		Scopes: slices.Sorted(slices.Values(scopes)), CreatedAt: stored(t.now()),
	}
	if expires != nil {
		at := stored(*expires)
		made.ExpiresAt = &at
	}
	if err := t.check(ctx, caller, made); err != nil {
		return Token{}, "", err
	}
	key, repeatable := idempotency.From(ctx)
	secret := t.secret(id, key, repeatable)
	kept, err := t.store.Create(ctx, made, hashOf(secret))
	if err != nil {
		return Token{}, "", err
	}
	if kept.ID != id {
		secret = t.secret(kept.ID, key, repeatable)
	}
	return kept, secret, nil
}

// stored is a time as a store gives it back, so that a repeated call answers
// the very same.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func (t *Tokens) check(ctx context.Context, caller principal.Principal, made Token) error {
	if made.Name == "" {
		return apperr.Invalid("name", "must not be blank")
	}
	if made.ExpiresAt != nil && !made.ExpiresAt.After(made.CreatedAt) {
		return apperr.Invalid("expiresAt", "must be in the future")
	}
	for _, scope := range made.Scopes {
		if !caller.HasScope(scope) || (scope == ScopeAdmin && !caller.HasRole(principal.RoleAdmin)) {
			return errScope.WithField("scopes", scope+" is not yours to give").WithMetadata("scope", scope)
		}
	}
	if !caller.IsToken() {
		return nil
	}
	with, err := t.store.Get(ctx, caller.UserID, caller.SessionID, made.CreatedAt)
	if err != nil {
		return err
	}
	if with.ExpiresAt != nil && (made.ExpiresAt == nil || made.ExpiresAt.After(*with.ExpiresAt)) {
		return errLongerLife
	}
	return nil
}

// List gives a page of a user's tokens, newest first; next is nil on the last page.
func (t *Tokens) List(ctx context.Context, user, before uuid.UUID, limit int) (page []Token, next *uuid.UUID, err error) {
	page, err = t.store.List(ctx, user, before, limit+1)
	if err != nil || len(page) <= limit {
		return page, nil, err
	}
	page = page[:limit]
	return page, &page[limit-1].ID, nil
}

// Revoke ends one of a user's tokens, or answers ErrNotFound. The store, which
// is the authority, decides first; then every cache hears of it.
func (t *Tokens) Revoke(ctx context.Context, user, id uuid.UUID) error {
	ended, err := t.store.End(ctx, user, id)
	if err != nil {
		return err
	}
	t.notifier.Ended(ctx, []session.Ended{ended})
	return nil
}

// Validate gives who a token stands for: ErrInvalid when it is no good,
// ErrSuspended when its holder is switched off.
func (t *Tokens) Validate(ctx context.Context, hash session.Hash) (Holder, error) {
	now := t.now()
	h, err := t.store.Holder(ctx, hash, now)
	if err == nil && !h.Active {
		err = ErrSuspended
	}
	var refusal *apperr.Error
	if errors.As(err, &refusal) && refusal.Kind != apperr.Unavailable {
		t.store.Refused(ctx, h, refusal.Reason)
	}
	if err != nil {
		return Holder{}, err
	}
	if h.LastUsed == nil || now.Sub(*h.LastUsed) >= usedStep {
		if err := t.store.Touch(ctx, h.TokenID, now); err != nil {
			t.log.WarnContext(ctx, "use of an API token not written", "token_id", h.TokenID, "error", err)
		}
	}
	return h, nil
}
