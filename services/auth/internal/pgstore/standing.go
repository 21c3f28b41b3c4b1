package pgstore

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

// standingLock is the advisory lock under which accounts administrate each
// other: such changes are few, and each relies on roles that another may take.
const standingLock = 0x61747269756d0002

// lockStanding reads how actor stands to target, and keeps both from changing
// until the transaction ends.
func lockStanding(ctx context.Context, tx pgx.Tx, actor, target uuid.UUID) (s account.Standing, err error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(standingLock)); err != nil {
		return s, err
	}
	// FOR UPDATE also makes logins and new API tokens of the account wait, so
	// that credentialsOf misses none.
	row, err := queryUser(ctx, tx, `SELECT `+userColumns+` FROM auth.users WHERE id = $1 FOR UPDATE`, target)
	if err != nil {
		return s, err
	}
	s.Target = row.credentials().User
	row, err = queryUser(ctx, tx, `SELECT `+userColumns+` FROM auth.users WHERE id = $1`, actor)
	if err != nil && !errors.Is(err, account.ErrNotFound) {
		return s, err
	}
	s.Actor = row.credentials().User
	err = tx.QueryRow(ctx, `SELECT count(*) FROM auth.users WHERE $1 = ANY (roles) AND 'admin' = ANY (roles) AND is_active`,
		account.RoleOwner).Scan(&s.Owners) // every owner is an admin, and those have an index
	return s, err
}

// credentialsOf gives the sessions and API tokens of an account, as the
// gateways' caches know them.
func credentialsOf(ctx context.Context, tx pgx.Tx, user uuid.UUID) ([]session.Ended, error) {
	return queryEnded(ctx, tx, `SELECT id, token FROM auth.sessions WHERE user_id = $1
		UNION ALL SELECT id, token FROM auth.api_tokens WHERE user_id = $1`, user)
}

func queryEnded(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]session.Ended, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEnded)
}
