package secondfactor

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/services/auth/internal/session"
)

// Enrolment is an account's authenticator as it is kept.
type Enrolment struct {
	// Secret is sealed.
	Secret    []byte
	Confirmed bool
	// LastStep is the time step of the last code that was taken.
	LastStep int64
}

// Use is a code that was found right and is to be used up: a step of the
// authenticator, or a recovery code when Recovery is not zero.
type Use struct {
	User uuid.UUID
	// Secret and Step use an authenticator's code; the use holds only while the
	// sealed secret is still this one and no code of this step or a later one
	// was taken.
	Secret   []byte
	Step     int64
	Recovery session.Hash
}

// Store keeps authenticators and recovery codes. Every write also writes its
// audit row, in the same transaction.
type Store interface {
	// Get gives an account's enrolment, or ErrNotEnrolled.
	Get(ctx context.Context, user uuid.UUID) (Enrolment, error)
	// Enrol keeps a secret that waits for its first code, in the place of one
	// that still waits; it answers ErrEnabled when two factors are on.
	Enrol(ctx context.Context, user uuid.UUID, sealed []byte) error
	// Change turns two factors on or replaces the recovery codes, and uses the
	// code up. It answers ErrCode when that is not right or was used meanwhile.
	Change(ctx context.Context, c Change, use Use, recovery []session.Hash) error
	// Disable turns two factors off; a use that is not nil must hold, else ErrCode.
	Disable(ctx context.Context, user uuid.UUID, use *Use) error
	// CodeRefused only writes the audit row of a wrong code in a change.
	CodeRefused(ctx context.Context, user uuid.UUID, c Change) error
}

// Change is what a signed-in person does to the second factor.
type Change string

// The changes, as the audit log calls them.
const (
	Enable  Change = "enable"
	Renew   Change = "renew"
	Disable Change = "disable"
)

// Sealer keeps secrets unreadable in the database. What is sealed for one user
// and place can't be opened for another.
type Sealer interface {
	Seal(ctx context.Context, user uuid.UUID, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, user uuid.UUID, sealed []byte) ([]byte, error)
}
