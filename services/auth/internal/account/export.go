package account

import (
	"context"

	"github.com/google/uuid"
)

// Exports notes that accounts were given to their holders.
type Exports interface {
	// Exported only writes the audit row.
	Exported(ctx context.Context, id uuid.UUID) error
}

// Export gives the caller's own account for taking along, and notes that it was.
func (a *Accounts) Export(ctx context.Context, id uuid.UUID) (User, error) {
	user, err := a.store.Get(ctx, id)
	if err != nil {
		return User{}, err
	}
	return user, a.store.Exported(ctx, id)
}
