package assembly

import (
	"context"
	"errors"
	"log/slog"

	"atrium.internal/services/ai"
	"atrium.internal/services/auth"
	"atrium.internal/services/chat"
	"atrium.internal/services/ide"
)

// Migrate brings the database to this version's schemas, in the order in which
// they refer to each other.
func Migrate(ctx context.Context, cfg Config, log *slog.Logger) error {
	if !cfg.DatabaseURL.IsSet() {
		return errors.New("DATABASE_URL: needed to migrate; a private database is migrated at every start")
	}
	ring, err := existingKeyring(&cfg, log)
	if err != nil {
		return err
	}
	if err := auth.Migrate(ctx, cfg.DatabaseURL, log); err != nil {
		return err
	}
	return errors.Join(
		ai.Migrate(ctx, cfg.DatabaseURL, log),
		chat.Migrate(ctx, cfg.DatabaseURL, ring, log),
		ide.Migrate(ctx, cfg.DatabaseURL, log),
	)
}
