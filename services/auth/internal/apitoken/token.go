package apitoken

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/session"
)

// Prefix starts every token, so that scanners of source code know a leaked one.
const Prefix = "atr_"

// ScopeAdmin is only for administrators.
const ScopeAdmin = "admin"

// usedStep is how old a token's last use gets before it is written again.
const usedStep = time.Minute

// The refusals of this package.
var (
	// ErrInvalid answers a token that is unknown, expired or revoked.
	ErrInvalid = apperr.New(apperr.Unauthenticated, "TOKEN_INVALID", "This API token is unknown, expired or revoked.")
	// ErrSuspended answers a good token of an account that is switched off.
	ErrSuspended = apperr.New(apperr.PermissionDenied, "ACCOUNT_SUSPENDED", "This account is suspended.")
	// ErrNotFound answers an id that is not there or somebody else's.
	ErrNotFound   = apperr.New(apperr.NotFound, "TOKEN_NOT_FOUND", "This API token does not exist.")
	errScope      = apperr.New(apperr.PermissionDenied, "SCOPE_NOT_HELD", "An API token can't be given more than its maker may do.")
	errLongerLife = apperr.New(apperr.PermissionDenied, "EXPIRY_TOO_LATE",
		"An API token can't outlive the one that it is made with.").WithField("expiresAt", "is later than that of the token used")
)

// Token is an API token without its secret.
type Token struct {
	ID        uuid.UUID
	UserID    uuid.UUID
	Name      string
	Scopes    []string
	CreatedAt time.Time
	// ExpiresAt is nil when it never does.
	ExpiresAt *time.Time
	// LastUsed is nil until the first use.
	LastUsed *time.Time
}

// Holder is who a token stands for, and for what.
type Holder struct {
	UserID   uuid.UUID
	TokenID  uuid.UUID
	Username string
	Roles    []string
	Scopes   []string
	Plan     principal.Plan
	// ExpiresAt and LastUsed are nil as in Token.
	ExpiresAt *time.Time
	LastUsed  *time.Time
	// Active is false when the account is switched off.
	Active bool
}

// secret makes the text of a token from 256 bits. A call that may be repeated
// gets them from its key, so that the repetition answers the same token though
// it is stored nowhere.
func (t *Tokens) secret(id uuid.UUID, key idempotency.Key, repeatable bool) string {
	raw := make([]byte, sha256.Size)
	rand.Read(raw)
	if repeatable {
		mac := hmac.New(sha256.New, t.key)
		mac.Write(id[:])
		mac.Write([]byte(key.Value))
		raw = mac.Sum(nil)
	}
	return Prefix + base64.RawURLEncoding.EncodeToString(raw)
}

func hashOf(secret string) session.Hash { return sha256.Sum256([]byte(secret)) }
