package assembly

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/reload"
	"atrium.internal/pkg/seal"
)

// existingKeyring completes the configuration and opens its key file, which is
// never made here: what is sealed with a key of a container that then goes
// would be lost.
func existingKeyring(cfg *Config, log *slog.Logger) (*seal.Keyring, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	ring, err := seal.OpenKeyring(log, cfg.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("ATRIUM_KEY_FILE: %w", err)
	}
	return ring, nil
}

// KeyStatus says on out which line of the key file opens how many data keys.
func KeyStatus(ctx context.Context, cfg Config, log *slog.Logger, out io.Writer) error {
	return withKeys(ctx, cfg, log, func(k *heldKeys) error {
		counts, err := seal.Counts(ctx, k.pool)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d lines, current %s\n", k.file, len(k.ring.IDs()), k.ring.Current())
		for _, c := range counts {
			note := ""
			switch {
			case c.KEK == k.ring.Current():
				note = " (current)"
			case !k.ring.Has(c.KEK):
				note = " (NOT in the file: these can't be opened)"
			}
			fmt.Fprintf(out, "%-6s %s%s  %d keys\n", c.Service, c.KEK, note, c.Keys)
		}
		return nil
	})
}

// RotateKeys puts a new key on top of the key file, or goes on with a rotation
// that was cut short, and wraps every data key with it while everything runs.
// With newKeyFile the new key is the first line of that file.
func RotateKeys(ctx context.Context, cfg Config, log *slog.Logger, newKeyFile string, out io.Writer) error {
	return withKeys(ctx, cfg, log, func(k *heldKeys) error {
		end, err := k.lock(ctx)
		if err != nil {
			return err
		}
		defer end()
		if err := k.begin(ctx, newKeyFile, out); err != nil {
			return err
		}
		// Again after the services have looked at the file: one that had not yet
		// may have made a key with the old line.
		for _, wait := range []time.Duration{0, 2 * reload.Every} {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(wait):
			}
			_, failed, err := seal.Rewrap(ctx, k.pool, k.ring, func(service string, done int) {
				fmt.Fprintf(out, "%s: %d data keys wrapped anew\n", service, done)
			})
			if err != nil {
				return fmt.Errorf("%w; run the command again to go on", err)
			}
			if failed > 0 {
				return fmt.Errorf("%d data keys could not be opened and stay as they are; keep the old lines (atrium keys status)", failed)
			}
		}
		_, err = fmt.Fprintf(out, "Every data key is wrapped with %s, the first line of %s. Copy the file to a safe place and to every host of a "+
			"service now; the older lines may then be removed. Backups from before need them.\n", k.ring.Current(), k.file)
		return err
	})
}

// rotationLock is the advisory lock that a rotation holds.
const rotationLock = 0x61747269756d0004

// lock keeps two rotations apart: one could drop the other's new line.
func (k *heldKeys) lock(ctx context.Context) (end func(), err error) {
	conn, err := k.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	var free bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, int64(rotationLock)).Scan(&free); err != nil || !free {
		conn.Release()
		return nil, errors.Join(err, errors.New("another rotation is running; nothing was changed"))
	}
	return func() {
		_ = conn.Conn().Close(context.WithoutCancel(ctx)) // ends the lock with it
		conn.Release()
	}, nil
}

// heldKeys are a key file and the database whose data keys it wraps.
type heldKeys struct {
	file string
	ring *seal.Keyring
	pool *pgxpool.Pool
}

// withKeys opens what the configuration names; a private database is found when
// it runs, and else runs for as long as this takes.
func withKeys(ctx context.Context, cfg Config, log *slog.Logger, do func(*heldKeys) error) (err error) {
	ring, err := existingKeyring(&cfg, log)
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
	pool, err := pgxpool.New(ctx, cfg.DatabaseURL.Reveal())
	if err != nil {
		return errors.New("DATABASE_URL: not a postgres:// URL or keyword string")
	}
	defer pool.Close()
	return do(&heldKeys{file: cfg.KeyFile, ring: ring, pool: pool})
}

// begin makes the new key the current one, unless that has happened and data
// keys still wait for it.
func (k *heldKeys) begin(ctx context.Context, newKeyFile string, out io.Writer) error {
	counts, err := seal.Counts(ctx, k.pool)
	if err != nil {
		return err
	}
	for _, c := range counts {
		if !k.ring.Has(c.KEK) {
			return fmt.Errorf("ATRIUM_KEY_FILE: %d keys of %s are wrapped with %s, which the file does not have; nothing was changed", c.Keys, c.Service, c.KEK)
		}
	}
	next := keys.NewDeployment()
	if newKeyFile != "" {
		lines, err := keys.ReadDeployment(newKeyFile)
		if err != nil {
			return err
		}
		next = lines[0]
	} else if slices.ContainsFunc(counts, func(c seal.Count) bool { return c.KEK != k.ring.Current() }) {
		_, err := fmt.Fprintf(out, "Going on with the rotation to %s.\n", k.ring.Current())
		return err
	}
	lines, err := keys.ReadDeployment(k.file)
	if err != nil {
		return err
	}
	if !bytes.Equal(lines[0], next) {
		if err := keys.AddDeployment(k.file, next); err != nil {
			return err
		}
	}
	k.ring, err = seal.OpenKeyring(slog.New(slog.DiscardHandler), k.file)
	return err
}
