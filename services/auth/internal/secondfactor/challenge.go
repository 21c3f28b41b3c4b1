package secondfactor

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

const (
	// ChallengeLifetime is how long the second step may follow the first.
	ChallengeLifetime = 5 * time.Minute
	// MaxAttempts is how many codes may be tried with one challenge.
	MaxAttempts = 5
)

// Challenge is a sign-in whose password was right and whose code is awaited.
type Challenge struct {
	User uuid.UUID
	// PasswordMark is of the password that was right; the session is started
	// only while it is still the account's.
	PasswordMark string
	ExpiresAt    time.Time
}

// Challenges keeps what was begun. It is not a cache: what is not there is refused.
type Challenges interface {
	// Add keeps a challenge under the hash of its text.
	Add(ctx context.Context, hash session.Hash, c Challenge) error
	// Find gives a challenge that is good at the given time and has one of limit
	// attempts left, or ErrChallenge.
	Find(ctx context.Context, hash session.Hash, now time.Time, limit int) (Challenge, error)
	// Attempt counts a try, or answers ErrChallenge when none of limit is left.
	Attempt(ctx context.Context, hash session.Hash, limit int) error
	// Redeem uses challenge and code up together. It answers ErrChallenge when
	// the first is gone, ErrCode when the second is not right or was used.
	Redeem(ctx context.Context, hash session.Hash, use Use) error
	// Refused only writes the audit row of a wrong code at sign-in.
	Refused(ctx context.Context, user uuid.UUID) error
}

// Begin lets an account without a second factor pass. Otherwise it answers
// ErrRequired with a new challenge in its metadata: 256 bits that stand for
// the right password, and for nothing else.
func (f *Factors) Begin(ctx context.Context, c account.Credentials) error {
	if !c.TOTPEnabled {
		return nil
	}
	raw := make([]byte, sha256.Size)
	rand.Read(raw)
	text := base64.RawURLEncoding.EncodeToString(raw)
	err := f.challenges.Add(ctx, sha256.Sum256([]byte(text)), Challenge{
		User: c.ID, PasswordMark: c.PasswordMark(), ExpiresAt: f.now().Add(ChallengeLifetime),
	})
	if err != nil {
		return err
	}
	return ErrRequired.WithMetadata("challenge", text)
}

// Finish takes the code that a challenge waits for, and gives who may now be
// signed in. Challenge and code are good for this one time.
func (f *Factors) Finish(ctx context.Context, challenge, code string) (Challenge, error) {
	hash := session.Hash(sha256.Sum256([]byte(challenge)))
	begun, err := f.challenges.Find(ctx, hash, f.now(), MaxAttempts)
	if err != nil {
		return Challenge{}, err
	}
	enrolment, err := f.store.Get(ctx, begun.User)
	if errors.Is(err, ErrNotEnrolled) || err == nil && !enrolment.Confirmed {
		return Challenge{}, ErrChallenge // turned off meanwhile
	}
	if err != nil {
		return Challenge{}, err
	}
	caller, _ := principal.From(ctx)
	attempt := try{
		user: begun.User, address: caller.Client.Address, enrolment: enrolment, code: code,
		// Only what the throttle lets through, so that somebody who is told to
		// wait may go on with the same challenge.
		count: func() error { return f.challenges.Attempt(ctx, hash, MaxAttempts) },
	}
	err = f.spend(ctx, attempt, func(use Use) error { return f.challenges.Redeem(ctx, hash, use) })
	if errors.Is(err, ErrCode) {
		if err := f.challenges.Refused(ctx, begun.User); err != nil {
			return Challenge{}, err
		}
		return Challenge{}, ErrSignInCode
	}
	return begun, err
}
