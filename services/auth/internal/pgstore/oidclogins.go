package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/oidc"
	"atrium.internal/services/auth/internal/session"
)

// Logins implements oidc.Store.
type Logins struct{ pool *pgxpool.Pool }

// NewLogins keeps logins at providers in a pool of this service's role.
func NewLogins(pool *pgxpool.Pool) *Logins { return &Logins{pool: pool} }

// Begin keeps a login under the hashes of its state and its binding.
func (s *Logins) Begin(ctx context.Context, p oidc.Pending, state, binding session.Hash) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO auth.oidc_logins (state, binding, issuer, next, user_id, session_id, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		state.String(), binding.String(), p.Issuer, p.Next, nullable(p.User), nullable(p.Session), p.ExpiresAt)
	return pgdb.Fault("begin login", err)
}

// Take removes a login that is good and gives it. One with another binding
// stays: whoever only knows its state can't spoil it.
func (s *Logins) Take(ctx context.Context, state, binding session.Hash, now time.Time) (oidc.Pending, error) {
	var p oidc.Pending
	var user, device *uuid.UUID
	err := s.pool.QueryRow(ctx, `DELETE FROM auth.oidc_logins WHERE state = $1 AND binding = $2 AND expires_at > $3
		RETURNING issuer, next, user_id, session_id, expires_at`, state.String(), binding.String(), now).
		Scan(&p.Issuer, &p.Next, &user, &device, &p.ExpiresAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return oidc.Pending{}, oidc.ErrState
	}
	if err != nil {
		return oidc.Pending{}, pgdb.Fault("take login", err)
	}
	if user != nil && device != nil {
		p.User, p.Session = *user, *device
	}
	return p, nil
}

// Sweep removes logins that nobody finished in time.
func (s *Logins) Sweep(ctx context.Context, now time.Time) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM auth.oidc_logins WHERE expires_at <= $1`, now)
	return pgdb.Fault("sweep logins", err)
}

// Refused writes the audit row of a login that a provider confirmed or not,
// and that opened nothing.
func (s *Logins) Refused(ctx context.Context, user uuid.UUID, provider, reason string) error {
	e := audit.Entry{
		UserID: user, EventType: "auth.oidc.login", ResourceType: "user", Action: "login",
		Status: audit.Failure, Error: reason, Metadata: map[string]any{"provider": provider},
	}
	if user != uuid.Nil {
		e.ResourceID = user.String()
	}
	return pgdb.Fault("note refused login", audit.Insert(ctx, s.pool, e))
}

func identityEntry(i oidc.Identity, event, action string) audit.Entry {
	return audit.Entry{
		UserID: i.UserID, EventType: event, ResourceType: "identity", ResourceID: i.ID.String(),
		Action: action, Status: audit.Success, Metadata: map[string]any{"provider": i.Provider},
	}
}
