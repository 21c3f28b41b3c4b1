package account

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/services/auth/internal/session"
)

// Delete removes an account and everything that hangs on it in the database,
// and ends its sessions and API tokens everywhere. by is who does it: the
// holder, who has proved to be it, or an administrator. It answers ErrNotFound,
// ErrLastOwner, ErrNotAdmin or ErrOwnerRequired.
func (a *Accounts) Delete(ctx context.Context, by, id uuid.UUID) error {
	ended, err := a.store.Delete(ctx, by, id, func(s Standing) error {
		if by != id {
			if err := s.CheckAdmin(); err != nil {
				return err
			}
		}
		return s.CheckOwnerStays()
	})
	if err != nil {
		return err
	}
	if len(ended) > 0 {
		a.notifier.Ended(ctx, ended)
	}
	return nil
}

// Remover removes accounts.
type Remover interface {
	// Delete removes an account unless allow objects, with the audit row in the
	// same transaction, and gives the sessions and API tokens that ended by it.
	// It answers ErrNotFound, or what allow returns.
	Delete(ctx context.Context, by, id uuid.UUID, allow func(Standing) error) ([]session.Ended, error)
}
