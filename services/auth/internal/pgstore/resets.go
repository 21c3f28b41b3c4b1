package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/reset"
	"atrium.internal/services/auth/internal/session"
)

// Resets implements reset.Store.
type Resets struct{ pool *pgxpool.Pool }

// NewResets keeps password resets in a pool of this service's role.
func NewResets(pool *pgxpool.Pool) *Resets { return &Resets{pool: pool} }

// goodLink finds a link's account, if the link is still good.
const goodLink = `SELECT r.user_id FROM auth.password_resets r JOIN auth.users u ON u.id = r.user_id
	WHERE r.token = $1 AND r.expires_at > $2 AND u.is_active
		AND r.password_mark = encode(sha256(convert_to(u.password_hash, 'UTF8')), 'hex')`

// Wish keeps a wish. Who asked is in the audit log; whose the address is, if
// anybody's, is not looked up here.
func (s *Resets) Wish(ctx context.Context, id uuid.UUID, email string) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO auth.password_resets (id, email) VALUES ($1, $2)`, id, email); err != nil {
			return err
		}
		return audit.Insert(ctx, tx, resetEntry(uuid.Nil, id, "ask", audit.Success, ""))
	})
	return pgdb.Fault("ask for password reset", err)
}

// Find gives the account that a link is for.
func (s *Resets) Find(ctx context.Context, token session.Hash, now time.Time) (account.Credentials, error) {
	row, err := queryUser(ctx, s.pool, `SELECT `+userColumns+` FROM auth.users WHERE id = (`+goodLink+`)`, token.String(), now)
	if errors.Is(err, account.ErrNotFound) {
		return account.Credentials{}, reset.ErrToken
	}
	return row.credentials(), err
}

// Redeem uses a link up. The account's lock is taken first, as a change of the
// password does, so that of a change and a link one sees the other's outcome.
func (s *Resets) Redeem(ctx context.Context, token session.Hash, now time.Time, passwordHash string) ([]session.Ended, error) {
	var ended []session.Ended
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		var user uuid.UUID
		err := tx.QueryRow(ctx, `SELECT id FROM auth.users WHERE id = (SELECT user_id FROM auth.password_resets WHERE token = $1) FOR UPDATE`,
			token.String()).Scan(&user)
		if err == nil {
			err = tx.QueryRow(ctx, goodLink, token.String(), now).Scan(&user)
		}
		if errors.Is(err, pgx.ErrNoRows) {
			return reset.ErrToken
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE auth.users SET password_hash = $2, must_change_password = FALSE, updated_at = now()
			WHERE id = $1`, user, passwordHash); err != nil {
			return err
		}
		for _, table := range []string{"password_resets", "login_challenges"} {
			if _, err := tx.Exec(ctx, `DELETE FROM auth.`+table+` WHERE user_id = $1`, user); err != nil {
				return err
			}
		}
		if err := audit.Insert(ctx, tx, resetEntry(user, user, "reset_password", audit.Success, "")); err != nil {
			return err
		}
		ended, err = endSessions(ctx, tx, user, session.Selection{})
		return err
	})
	return ended, pgdb.Fault("reset password", err)
}

// Refused writes the audit row of a token that is no good.
func (s *Resets) Refused(ctx context.Context) error {
	err := audit.Insert(ctx, s.pool, resetEntry(uuid.Nil, uuid.Nil, "reset_password", audit.Failure, reset.ErrToken.Reason))
	return pgdb.Fault("note refused reset", err)
}

func resetEntry(user, resource uuid.UUID, action, status, reason string) audit.Entry {
	e := audit.Entry{
		UserID: user, EventType: "auth.password", ResourceType: "password_reset", Action: action, Status: status, Error: reason,
	}
	if resource != uuid.Nil {
		e.ResourceID = resource.String()
	}
	return e
}
