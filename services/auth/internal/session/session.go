package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
)

// Lifetime is how long a session is good, however much it is used.
const Lifetime = 30 * 24 * time.Hour

// activityStep is how old a session's last activity gets before it is written
// again; a write for every request would cost more than it tells.
const activityStep = time.Minute

// The refusals of this package.
var (
	// ErrInvalid answers a token that is unknown, expired or revoked, or whose
	// account is switched off.
	ErrInvalid = apperr.New(apperr.Unauthenticated, "SESSION_INVALID", "Your session has ended. Sign in again.")
	// ErrNotFound answers an id that is not there or somebody else's.
	ErrNotFound = apperr.New(apperr.NotFound, "SESSION_NOT_FOUND", "This session does not exist.")
)

// Session is one signed-in device.
type Session struct {
	ID           uuid.UUID
	UserID       uuid.UUID
	CreatedAt    time.Time
	ExpiresAt    time.Time
	LastActivity time.Time
	// Address is invalid when the caller's is unknown.
	Address   netip.Addr
	UserAgent string
}

// Holder is who a session stands for.
type Holder struct {
	UserID    uuid.UUID
	SessionID uuid.UUID
	Username  string
	Roles     []string
	Plan      principal.Plan
	// MustChangePassword is true while the password is one that was made up.
	MustChangePassword bool
	ExpiresAt          time.Time
	LastActivity       time.Time
}

// Ended is a session that is no more, as the gateways' caches know it.
type Ended struct {
	ID   uuid.UUID
	Hash Hash
}

// Hash is the SHA-256 of a token's text: all that is ever stored of a token.
type Hash [sha256.Size]byte

// String gives the hash in hexadecimal, as it is stored.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads what String wrote.
func ParseHash(text string) (h Hash, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(h) {
		return h, fmt.Errorf("stored token hash is not %d bytes in hexadecimal", len(h))
	}
	return Hash(raw), nil
}

// newToken makes a token of 256 random bits that fits into a cookie.
func newToken() (token string, hash Hash) {
	raw := make([]byte, 32)
	rand.Read(raw)
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, sha256.Sum256([]byte(token))
}
