package assembly

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"

	"atrium.internal/pkg/localdb/postgres"
	"atrium.internal/services/all/backup"
)

// Backup writes all that the platform keeps into a new folder, while it runs.
func Backup(ctx context.Context, cfg Config, log *slog.Logger, dir string, keys backup.Keys, out io.Writer) (err error) {
	if err := cfg.complete(); err != nil {
		return err
	}
	if !cfg.DatabaseURL.IsSet() {
		end, err := borrowDatabase(ctx, &cfg, log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, end()) }()
	}
	return backup.Write(ctx, platformOf(cfg, out), dir, keys)
}

// Restore puts a backup in place of a platform that does not run.
func Restore(ctx context.Context, cfg Config, log *slog.Logger, dir string, keys backup.Keys, force bool, out io.Writer) (err error) {
	if err := cfg.complete(); err != nil {
		return err
	}
	held, err := openDataDir(cfg.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.close()) }()
	if !cfg.DatabaseURL.IsSet() {
		var stop func(context.Context) error
		cfg.DatabaseURL, stop, err = postgres.Start(ctx, postgres.Options{Dir: filepath.Join(cfg.DataDir, "postgres"), Log: log})
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop(context.WithoutCancel(ctx))) }()
	}
	return backup.Read(ctx, platformOf(cfg, out), dir, keys, force)
}

func platformOf(cfg Config, out io.Writer) backup.Platform {
	return backup.Platform{Database: cfg.DatabaseURL, DataDir: cfg.DataDir, KeyFile: cfg.KeyFile, Progress: out}
}
