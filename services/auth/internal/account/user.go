package account

import (
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
}

// Credentials is an account together with the hash of its password.
type Credentials struct {
	User
	PasswordHash string
}
