package pgstore

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/account"
)

// Create adds an account, or gives the one that the same call made before.
func (s *Accounts) Create(ctx context.Context, c account.Credentials) (account.Credentials, bool, error) {
	var stored account.Credentials
	var replayed bool
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		id, again, err := claim(ctx, tx, c)
		if err != nil {
			return err
		}
		if replayed = again; again {
			row, err := queryUser(ctx, tx, `SELECT `+userColumns+` FROM auth.users WHERE id = $1`, id)
			stored = row.credentials()
			return err
		}
		stored, err = insert(ctx, tx, c, nil)
		return err
	})
	if err != nil {
		return account.Credentials{}, false, s.taken(ctx, c, err)
	}
	return stored, replayed, nil
}

// claim holds the key of a registration. The body's own hash covers the
// password and must not be stored, so the key is tied to everything else.
func claim(ctx context.Context, tx pgx.Tx, c account.Credentials) (uuid.UUID, bool, error) {
	key, ok := idempotency.From(ctx)
	if !ok {
		return c.ID, false, nil
	}
	hash := sha256.Sum256([]byte(strings.Join([]string{c.Email, c.Username, c.FullName}, "\x00")))
	return pgdb.Claim(ctx, tx, Schema, idempotency.Key{Value: key.Value, RequestHash: hash[:]}, uuid.Nil, c.ID)
}

// HasAdmin reports whether some account holds the role admin.
func (s *Accounts) HasAdmin(ctx context.Context) (bool, error) {
	found, err := hasAdmin(ctx, s.pool)
	return found, pgdb.Fault("look for an administrator", err)
}

// firstAdminLock is the advisory lock under which the first administrator is made.
const firstAdminLock = 0x61747269756d0001

// CreateFirst adds an account unless there is an administrator.
func (s *Accounts) CreateFirst(ctx context.Context, c account.Credentials) (bool, error) {
	created := false
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(firstAdminLock)); err != nil {
			return err
		}
		found, err := hasAdmin(ctx, tx)
		if err != nil || found {
			return err
		}
		created = true
		_, err = insert(ctx, tx, c, map[string]any{"firstAdmin": true})
		return err
	})
	if err != nil {
		return false, s.taken(ctx, c, err)
	}
	return created, nil
}

func hasAdmin(ctx context.Context, db pgdb.Querier) (found bool, err error) {
	err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM auth.users WHERE 'admin' = ANY (roles))`).Scan(&found)
	return found, err
}

func insert(ctx context.Context, tx pgx.Tx, c account.Credentials, metadata map[string]any) (account.Credentials, error) {
	row, err := queryUser(ctx, tx, `INSERT INTO auth.users (id, email, username, password_hash, full_name, roles, must_change_password)
		VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING `+userColumns,
		c.ID, c.Email, c.Username, c.PasswordHash, c.FullName, c.Roles, c.MustChangePassword)
	if err != nil {
		return account.Credentials{}, err
	}
	err = audit.Insert(ctx, tx, audit.Entry{
		UserID: c.ID, EventType: "auth.register", ResourceType: "user", ResourceID: c.ID.String(),
		Action: "register", Status: audit.Success, Metadata: metadata,
	})
	return row.credentials(), err
}

// taken says which names are in use after a unique violation: both, when both are.
func (s *Accounts) taken(ctx context.Context, c account.Credentials, cause error) error {
	if !pgdb.IsUnique(cause, "users_email_key") && !pgdb.IsUnique(cause, "users_username_key") {
		return pgdb.Fault("create account", cause)
	}
	var email, username bool
	err := s.pool.QueryRow(ctx, `SELECT
		EXISTS (SELECT FROM auth.users WHERE lower(email) = lower($1)),
		EXISTS (SELECT FROM auth.users WHERE lower(username) = lower($2))`, c.Email, c.Username).Scan(&email, &username)
	if err != nil {
		return pgdb.Fault("create account", errors.Join(cause, err))
	}
	switch {
	case email && username:
		return account.ErrEmailTaken.WithField("username", account.ErrUsernameTaken.Fields["username"])
	case username:
		return account.ErrUsernameTaken
	}
	return account.ErrEmailTaken
}
