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
		sessions, err := sessionsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		tokens, err := tokensOf(ctx, tx, id)
		if err != nil {
			return err
		}
		ended = append(sessions, tokens...)
		if _, err := tx.Exec(ctx, `DELETE FROM auth.users WHERE id = $1`, id); err != nil {
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
