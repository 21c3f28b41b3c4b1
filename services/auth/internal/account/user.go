package account

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/google/uuid"
)

// User is an account as its holder may see it.
type User struct {
	ID        uuid.UUID
	Email     string
	Username  string
	FullName  string
	AvatarURL string
	Roles     []string
	Plan      string
	CreatedAt time.Time
	// LastLogin is nil until the first one.
	LastLogin *time.Time
	Active    bool
	// Settings are the front end's own: any JSON object of at most MaxSettings bytes.
	Settings map[string]any
	// MustChangePassword is true while the password is one that was made up
	// for the holder.
	MustChangePassword bool
	// TOTPEnabled is true when signing in with the password asks for a code too.
	TOTPEnabled bool
	// RecoveryCodesLeft are the recovery codes that were not used yet.
	RecoveryCodesLeft int
	// HasPassword is false for an account that only signs in through a provider.
	HasPassword bool
}

// Credentials is an account together with the hash of its password.
type Credentials struct {
	User
	PasswordHash string
}

// PasswordMark is what the password is known again by where something ends
// with it, and the hash itself needn't be: the SHA-256 of the hash, in
// hexadecimal.
func (c Credentials) PasswordMark() string {
	sum := sha256.Sum256([]byte(c.PasswordHash))
	return hex.EncodeToString(sum[:])
}
