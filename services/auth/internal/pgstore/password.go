package pgstore

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

// SetPassword stores a new hash, ends the account's other sessions, and gives
// what the account is still signed in with besides. The lock on the account makes a login that is under way wait, so that none slips
// through in between.
func (s *Accounts) SetPassword(ctx context.Context, n account.NewPassword) (ended, held []session.Ended, err error) {
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE auth.users
			SET password_hash = $3, must_change_password = FALSE, updated_at = now()
			WHERE id = $1 AND password_hash = $2`, n.User, n.From, n.To)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return account.ErrPasswordMoved
		}
		if err := audit.Insert(ctx, tx, passwordEntry(n.User, audit.Success, "")); err != nil {
			return err
		}
		if ended, err = endSessions(ctx, tx, n.User, session.Selection{Except: n.Keep}); err != nil {
			return err
		}
		held, err = credentialsOf(ctx, tx, n.User)
		return err
	})
	return ended, held, pgdb.Fault("change password", err)
}

// PasswordRefused writes the audit row of a change with a wrong password.
func (s *Accounts) PasswordRefused(ctx context.Context, id uuid.UUID) error {
	err := audit.Insert(ctx, s.pool, passwordEntry(id, audit.Failure, account.ErrCurrentPassword.Reason))
	return pgdb.Fault("note refused password", err)
}

// ReauthenticationFailed writes the audit row of a wrong password before a
// sensitive call.
func (s *Accounts) ReauthenticationFailed(ctx context.Context, id uuid.UUID) error {
	err := audit.Insert(ctx, s.pool, audit.Entry{
		UserID: id, EventType: "auth.reauthenticate", ResourceType: "user", ResourceID: id.String(),
		Action: "reauthenticate", Status: audit.Failure, Error: account.ErrPassword.Reason,
	})
	return pgdb.Fault("note refused reauthentication", err)
}

func passwordEntry(user uuid.UUID, status, reason string) audit.Entry {
	return audit.Entry{
		UserID: user, EventType: "auth.password", ResourceType: "user", ResourceID: user.String(),
		Action: "change_password", Status: status, Error: reason,
	}
}
