package pgstore

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/oidc"
)

const identityColumns = `id, user_id, issuer, subject, provider, name, created_at, last_login`

// Find gives the account that a login is linked to.
func (s *Logins) Find(ctx context.Context, issuer, subject string) (account.User, error) {
	row, err := queryUser(ctx, s.pool, `SELECT `+userColumns+` FROM auth.users
		WHERE id = (SELECT user_id FROM auth.identities WHERE issuer = $1 AND subject = $2)`, issuer, subject)
	return row.credentials().User, err
}

// FindByEmail gives the account with an address.
func (s *Logins) FindByEmail(ctx context.Context, email string) (account.User, error) {
	row, err := queryUser(ctx, s.pool, `SELECT `+userColumns+` FROM auth.users WHERE lower(email) = lower($1)`, email)
	return row.credentials().User, err
}

// Used notes a login, and what the provider calls the user now.
func (s *Logins) Used(ctx context.Context, i oidc.Identity) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `UPDATE auth.identities SET last_login = now(), name = $3, provider = $4
			WHERE issuer = $1 AND subject = $2 RETURNING id`, i.Issuer, i.Subject, i.Name, i.Provider).Scan(&i.ID)
		if errors.Is(err, pgx.ErrNoRows) { // unlinked a moment ago
			return oidc.ErrState
		}
		if err != nil {
			return err
		}
		return audit.Insert(ctx, tx, identityEntry(i, "auth.oidc.login", "login"))
	})
	return pgdb.Fault("note login", err)
}

// Link links a login to an account.
func (s *Logins) Link(ctx context.Context, i oidc.Identity) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error { return link(ctx, tx, i) })
	return pgdb.Fault("link login", err)
}

func link(ctx context.Context, tx pgx.Tx, i oidc.Identity) error {
	err := tx.QueryRow(ctx, `INSERT INTO auth.identities (id, user_id, issuer, subject, provider, name, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT ON CONSTRAINT identities_login_key DO UPDATE SET name = EXCLUDED.name
		WHERE identities.user_id = EXCLUDED.user_id RETURNING id`,
		i.ID, i.UserID, i.Issuer, i.Subject, i.Provider, i.Name, i.CreatedAt).Scan(&i.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return oidc.ErrLinkedElsewhere
	}
	if err != nil {
		return err
	}
	return audit.Insert(ctx, tx, identityEntry(i, "auth.oidc.link", "link"))
}

// Register makes an account together with its login.
func (s *Logins) Register(ctx context.Context, c account.Credentials, i oidc.Identity) (account.User, error) {
	var made account.Credentials
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if made, err = insert(ctx, tx, c, map[string]any{"provider": i.Provider}); err != nil {
			return err
		}
		if err := link(ctx, tx, i); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE auth.identities SET last_login = created_at WHERE id = $1`, i.ID)
		return err
	})
	if err != nil {
		return account.User{}, NewAccounts(s.pool).taken(ctx, c, err)
	}
	return made.User, nil
}

// Identities gives the links of an account, oldest first.
func (s *Logins) Identities(ctx context.Context, user uuid.UUID) ([]oidc.Identity, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+identityColumns+` FROM auth.identities WHERE user_id = $1 ORDER BY id`, user)
	if err != nil {
		return nil, pgdb.Fault("list linked logins", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[oidc.Identity])
	return found, pgdb.Fault("list linked logins", err)
}

// Unlink ends a link unless it is the last way to sign in. The lock on the
// account makes two at once see each other.
func (s *Logins) Unlink(ctx context.Context, user, id uuid.UUID, usable []string) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var password bool
		if err := tx.QueryRow(ctx, `SELECT password_hash <> '' FROM auth.users WHERE id = $1 FOR UPDATE`, user).Scan(&password); err != nil {
			return err
		}
		i := oidc.Identity{ID: id, UserID: user}
		err := tx.QueryRow(ctx, `DELETE FROM auth.identities WHERE id = $1 AND user_id = $2 RETURNING provider`, id, user).Scan(&i.Provider)
		if errors.Is(err, pgx.ErrNoRows) {
			return oidc.ErrIdentityNotFound
		}
		if err != nil {
			return err
		}
		if !password {
			var another bool
			err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM auth.identities WHERE user_id = $1 AND issuer = ANY ($2))`, user, usable).Scan(&another)
			if err != nil {
				return err
			}
			if !another {
				return oidc.ErrLastLogin
			}
		}
		return audit.Insert(ctx, tx, identityEntry(i, "auth.oidc.unlink", "unlink"))
	})
	return pgdb.Fault("unlink login", err)
}
