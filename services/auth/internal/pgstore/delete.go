package pgstore

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/admin"
	"atrium.internal/services/auth/internal/session"
)

// Delete removes an account. Rows of every schema that refer to it go with it.
func (s *Accounts) Delete(ctx context.Context, by, id uuid.UUID, allow func(account.Standing) error) ([]session.Ended, error) {
	var ended []session.Ended
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		standing, err := lockStanding(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if err := allow(standing); err != nil {
			return err
		}
		if ended, err = credentialsOf(ctx, tx, id); err != nil {
			return err
		}
		if err := deleteUser(ctx, tx, standing.Target); err != nil {
			return err
		}
		entry := adminEntry(by, id, admin.Delete, map[string]any{"roles": standing.Target.Roles, "plan": standing.Target.Plan})
		if by == id {
			entry.EventType = "user.delete"
		}
		return audit.Insert(ctx, tx, entry)
	})
	return ended, pgdb.Fault("delete account", err)
}

// deleteUser also removes what can't refer to the account: a registration's
// idempotency key, and wishes for a new password that name the address only.
func deleteUser(ctx context.Context, tx pgx.Tx, user account.User) error {
	if _, err := tx.Exec(ctx, `DELETE FROM auth.users WHERE id = $1`, user.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM auth.idempotency_keys WHERE user_id = $1 OR resource_id = $1`, user.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM auth.password_resets WHERE lower(email) = lower($1)`, user.Email)
	return err
}

// Exported writes the audit row of an export.
func (s *Accounts) Exported(ctx context.Context, id uuid.UUID) error {
	return pgdb.Fault("note export", audit.Insert(ctx, s.pool, audit.Entry{
		UserID: id, EventType: "account.export", ResourceType: "user", ResourceID: id.String(),
		Action: "export", Status: audit.Success,
	}))
}
