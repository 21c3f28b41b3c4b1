package auth

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/seal"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/pgstore"
	"atrium.internal/services/auth/internal/secondfactor"
	"atrium.internal/services/auth/internal/session"
	"atrium.internal/services/auth/internal/throttle"
)

// codesPerAccount bounds the guessing of one account's codes from everywhere
// at once: a hundred tries a day, of a million codes of which three are good,
// find one within nine years.
var codesPerAccount = throttle.Limits{PerLogin: 100, Window: 24 * time.Hour}

// newFactors puts two-factor authentication together.
func newFactors(s *Service, accounts *account.Accounts, sessions *session.Manager, attempts *throttle.Throttle) *secondfactor.Factors {
	throttles := secondfactor.Throttles{
		Address: attempts,
		Account: throttle.New(s.deps.Log, s.deps.Redis, "totp", codesPerAccount),
	}
	reauth := account.NewReauthentication(accounts, sessions, time.Now)
	return secondfactor.New(pgstore.NewFactors(s.pool), pgstore.NewChallenges(s.pool), sealer{s.sealed}, throttles, reauth, time.Now)
}

// sealer seals the secrets of authenticators with the user's data key.
type sealer struct{ keys *seal.Keys }

// secretPlace needs no row: an account has one authenticator.
var secretPlace = seal.Place{Table: "auth.totp", Column: "secret"}

// Seal implements secondfactor.Sealer.
func (s sealer) Seal(ctx context.Context, user uuid.UUID, plaintext []byte) ([]byte, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, err
	}
	return key.Seal(secretPlace, plaintext), nil
}

// Open implements secondfactor.Sealer.
func (s sealer) Open(ctx context.Context, user uuid.UUID, sealed []byte) ([]byte, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, err
	}
	return key.Open(secretPlace, sealed)
}
