package assembly

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"atrium.internal/pkg/keys"
)

// RunDatabases runs the private databases and makes the keys for services that
// are processes of their own; it writes their settings to out as lines of an
// environment file, an empty line after them, and runs until ctx ends.
func RunDatabases(ctx context.Context, cfg Config, log *slog.Logger, out io.Writer) error {
	if err := cfg.complete(); err != nil {
		return err
	}
	dir, err := openDataDir(cfg.DataDir)
	if err != nil {
		return err
	}
	defer dir.close()
	private, public := IdentityFiles(cfg.DataDir)
	if _, _, err := keys.LoadOrCreate(cfg.KeyFile); err != nil {
		return err
	}
	if err := keys.EnsureIdentity(private, public); err != nil {
		return err
	}
	servers, err := startDatabases(ctx, &cfg, log)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "DATABASE_URL=%s\nREDIS_URL=%s\nATRIUM_KEY_FILE=%s\nATRIUM_IDENTITY_KEY=%s\nATRIUM_IDENTITY_PUBLIC_KEY=%s\n\n",
		cfg.DatabaseURL.Reveal(), cfg.RedisURL.Reveal(), cfg.KeyFile, private, public)
	if err == nil {
		<-ctx.Done()
	}
	return errors.Join(err, servers.stop(context.WithoutCancel(ctx)))
}
