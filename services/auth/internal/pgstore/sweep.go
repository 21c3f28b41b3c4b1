package pgstore

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/session"
)

// keepKeys is how long a repeated call still answers the first result.
const keepKeys = 24 * time.Hour

// Sweep removes what has expired: sessions, sign-ins without their second step,
// links to set a password, and idempotency keys.
func (s *Sessions) Sweep(ctx context.Context, now time.Time) error {
	if _, err := s.pool.Exec(ctx, `DELETE FROM auth.sessions WHERE expires_at <= $1`, now); err != nil {
		return pgdb.Fault("sweep sessions", err)
	}
	if _, err := s.pool.Exec(ctx, `DELETE FROM auth.login_challenges WHERE expires_at <= $1`, now); err != nil {
		return pgdb.Fault("sweep second steps", err)
	}
	if _, err := s.pool.Exec(ctx, `DELETE FROM auth.password_resets WHERE expires_at <= $1 AND send_at IS NULL`, now); err != nil {
		return pgdb.Fault("sweep links", err)
	}
	_, err := s.pool.Exec(ctx, `DELETE FROM auth.idempotency_keys WHERE created_at <= $1`, now.Add(-keepKeys))
	return pgdb.Fault("sweep idempotency keys", err)
}

func nullable(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func address(s session.Session) *netip.Addr {
	if !s.Address.IsValid() {
		return nil
	}
	return &s.Address
}

// truncate cuts a text to at most n bytes and keeps it valid UTF-8.
func truncate(text string, n int) string {
	if len(text) > n {
		text = text[:n]
	}
	return strings.ToValidUTF8(text, "")
}
