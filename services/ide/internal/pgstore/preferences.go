package pgstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ide/internal/preference"
)

// Editor gives what a user wants of VS Code.
func (s *Store) Editor(ctx context.Context, user uuid.UUID) (e preference.Editor, revision int64, err error) {
	err = s.db.QueryRow(ctx, `SELECT revision, choices FROM ide.editor_settings WHERE user_id = $1`, user).Scan(&revision, &e)
	if errors.Is(err, pgx.ErrNoRows) {
		return preference.Editor{}, 0, nil
	}
	return e, revision, pgdb.Fault("read editor settings", err)
}

// PutEditor replaces it.
func (s *Store) PutEditor(ctx context.Context, user uuid.UUID, e preference.Editor) (revision int64, err error) {
	err = pgdb.InTx(ctx, s.db, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `INSERT INTO ide.editor_settings AS kept (user_id, choices) VALUES ($1, $2)
			ON CONFLICT (user_id) DO UPDATE SET choices = $2, revision = kept.revision + 1 RETURNING revision`, user, e).Scan(&revision)
		if err != nil {
			return fmt.Errorf("write editor settings: %w", err)
		}
		return audit.Insert(ctx, tx, audit.Entry{
			UserID: user, EventType: "user.editor_settings", ResourceType: "user", ResourceID: user.String(),
			Action: "update", Status: audit.Success, Metadata: map[string]any{"revision": revision},
		})
	})
	return revision, pgdb.Fault("write editor settings", err)
}
