package pgstore

import (
	"net/netip"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

const userColumns = `id, email, username, password_hash, full_name, avatar_url,
	roles, plan, created_at, last_login, is_active, settings, must_change_password,
	EXISTS (SELECT FROM auth.totp WHERE totp.user_id = users.id AND totp.confirmed_at IS NOT NULL),
	(SELECT count(*) FROM auth.recovery_codes WHERE recovery_codes.user_id = users.id)`

// userRow is userColumns, in their order.
type userRow struct {
	ID           uuid.UUID
	Email        string
	Username     string
	PasswordHash string
	FullName     string
	AvatarURL    string
	Roles        []string
	Plan         string
	CreatedAt    time.Time
	LastLogin    *time.Time
	IsActive     bool
	Settings     map[string]any
	MustChange   bool
	TOTP         bool
	Recovery     int
}

func (r userRow) credentials() account.Credentials {
	return account.Credentials{
		User: account.User{
			ID: r.ID, Email: r.Email, Username: r.Username, FullName: r.FullName, AvatarURL: r.AvatarURL,
			Roles: r.Roles, Plan: r.Plan, CreatedAt: r.CreatedAt, LastLogin: r.LastLogin,
			Active: r.IsActive, Settings: r.Settings, MustChangePassword: r.MustChange,
			TOTPEnabled: r.TOTP, RecoveryCodesLeft: r.Recovery, HasPassword: r.PasswordHash != "",
		},
		PasswordHash: r.PasswordHash,
	}
}

const sessionColumns = `id, user_id, created_at, expires_at, last_activity, ip_address, user_agent`

// sessionRow is sessionColumns, in their order.
type sessionRow struct {
	ID           uuid.UUID
	UserID       uuid.UUID
	CreatedAt    time.Time
	ExpiresAt    time.Time
	LastActivity time.Time
	IPAddress    *netip.Addr
	UserAgent    string
}

func (r sessionRow) session() session.Session {
	s := session.Session{
		ID: r.ID, UserID: r.UserID, CreatedAt: r.CreatedAt, ExpiresAt: r.ExpiresAt,
		LastActivity: r.LastActivity, UserAgent: r.UserAgent,
	}
	if r.IPAddress != nil {
		s.Address = *r.IPAddress
	}
	return s
}
