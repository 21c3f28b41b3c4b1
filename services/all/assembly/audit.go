package assembly

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/auth"
)

// VerifyAudit walks the audit log and says on out that it is whole, or gives
// what is wrong with it first. head is one that the operator kept, or empty. A
// private database is found when it runs, and else runs for as long as this takes.
func VerifyAudit(ctx context.Context, cfg Config, log *slog.Logger, head string, out io.Writer) (err error) {
	if err := cfg.complete(); err != nil {
		return err
	}
	// Never made here: with another key every row would look changed.
	if _, err := os.Stat(cfg.KeyFile); err != nil {
		return fmt.Errorf("ATRIUM_KEY_FILE: %w", err)
	}
	key, _, err := keys.LoadOrCreate(cfg.KeyFile)
	if err != nil {
		return err
	}
	ring, err := seal.OpenKeyring(log, cfg.KeyFile)
	if err != nil {
		return err
	}
	if !cfg.DatabaseURL.IsSet() {
		end, err := borrowDatabase(ctx, &cfg, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, end()) }()
	}
	return auth.VerifyAudit(ctx, cfg.DatabaseURL, key, ring, head, out)
}

// borrowDatabase fills in the URL of the private database. It stops only what
// it has started: while another process has the data directory, that is nothing.
func borrowDatabase(ctx context.Context, cfg *Config, log *slog.Logger) (end func() error, err error) {
	if _, err := os.Stat(cfg.DataDir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("ATRIUM_DATA_DIR: there is no %s", cfg.DataDir)
	}
	dir, busy := openDataDir(cfg.DataDir)
	if busy != nil && !errors.Is(busy, errInUse) {
		return nil, busy
	}
	redis := cfg.RedisURL
	cfg.RedisURL = "redis://unused" // so that none is started
	servers, err := startDatabases(ctx, cfg, log)
	cfg.RedisURL = redis
	if busy != nil {
		return func() error { return nil }, err
	}
	if err != nil {
		return nil, errors.Join(err, dir.close())
	}
	return func() error { return errors.Join(servers.stop(context.WithoutCancel(ctx)), dir.close()) }, nil
}
