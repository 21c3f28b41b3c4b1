package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"atrium.internal/services/ide/internal/workspace"
)

// Removals reads what files are to be deleted, workspaces before their user's rest.
func (s *Store) Removals(ctx context.Context) ([]workspace.Removal, error) {
	rows, err := s.db.Query(ctx, `SELECT user_id, workspace_id FROM ide.removals ORDER BY user_id, workspace_id DESC`)
	if err != nil {
		return nil, fmt.Errorf("read removals: %w", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[workspace.Removal])
	if err != nil {
		return nil, fmt.Errorf("read removals: %w", err)
	}
	return list, nil
}

// Removed notes that the files are gone.
func (s *Store) Removed(ctx context.Context, r workspace.Removal) error {
	_, err := s.db.Exec(ctx, `DELETE FROM ide.removals WHERE user_id = $1 AND workspace_id = $2`, r.UserID, r.WorkspaceID)
	if err != nil {
		return fmt.Errorf("write removal: %w", err)
	}
	return nil
}
