package pgdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"atrium.internal/pkg/config"
)

// waitForNeeds bounds the wait for another service's tables.
const waitForNeeds = 60 * time.Second

// waitForLock bounds the wait for another replica that migrates the same schema.
const waitForLock = 5 * time.Minute

// Schema is what a service keeps its tables in, and how they came to be.
type Schema struct {
	// Service is whose role may use the schema.
	Service string
	// Name is the schema's; empty is the service's.
	Name string
	// Files are the *.sql files of migrations.
	Files fs.FS
	// Steps are migrations that SQL can't do.
	Steps []Step
	// Needs are tables of others that the migrations refer to, such as
	// "auth.users"; they are waited for.
	Needs []string
}

// Step is a migration in code. It is not in a transaction: what was cut short is
// done again from its beginning, under the same lock as all migrations.
type Step struct {
	// Version is its number among those of the files.
	Version int64
	Do      func(ctx context.Context) error
}

// Migrate brings a service's own schema to the newest version.
func Migrate(ctx context.Context, url config.Secret, service string, migrations fs.FS, log *slog.Logger, needs ...string) error {
	return Schema{Service: service, Files: migrations, Needs: needs}.Migrate(ctx, url, log)
}

// Migrate brings the schema to the newest version: it makes the service's role
// and the schema, waits for what the migrations need, and applies these in
// order, each once, also when several replicas start together. Names without a
// schema are in this one. The role gets every right on the schema's tables that
// a migration doesn't take away.
func (s Schema) Migrate(ctx context.Context, url config.Secret, log *slog.Logger) error {
	if s.Name == "" {
		s.Name = s.Service
	}
	if !safeName.MatchString(s.Service) || !safeName.MatchString(s.Name) {
		return fmt.Errorf("schema name %q or service name %q is not a plain word", s.Name, s.Service)
	}
	cfg, err := ParseConn(url)
	if err != nil {
		return err
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["search_path"] = s.Name + ", public"
	db := stdlib.OpenDB(*cfg)
	defer db.Close()
	if err := s.prepare(ctx, db); err != nil {
		return fmt.Errorf("prepare schema %s: %w", s.Name, err)
	}
	for _, table := range s.Needs {
		if err := waitForTable(ctx, db, table, log); err != nil {
			return err
		}
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(s.lockID()),
		lock.WithLockTimeout(1, uint64(waitForLock/time.Second)))
	if err != nil {
		return fmt.Errorf("migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, s.Files, goose.WithSessionLocker(locker),
		goose.WithTableName(s.Name+".goose_db_version"), goose.WithGoMigrations(s.steps()...))
	if err != nil {
		return fmt.Errorf("migrations of %s: %w", s.Name, err)
	}
	results, err := provider.Up(ctx)
	for _, r := range results {
		log.InfoContext(ctx, "migration applied", "schema", s.Name, "version", r.Source.Version, "duration", r.Duration)
	}
	if err != nil {
		return fmt.Errorf("migrate %s: %w", s.Name, err)
	}
	return nil
}

// lockID is what replicas lock while they migrate the schema. Each has its own,
// so that a service doesn't wait for others that start with it.
func (s Schema) lockID() int64 {
	sum := sha256.Sum256([]byte("atrium migrations of " + s.Name))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

func (s Schema) steps() []*goose.Migration {
	var all []*goose.Migration
	for _, step := range s.Steps {
		run := func(ctx context.Context, _ *sql.DB) error { return step.Do(ctx) }
		all = append(all, goose.NewGoMigration(step.Version, &goose.GoFunc{RunDB: run}, nil))
	}
	return all
}

// prepare makes the service's role and the schema. Roles belong to the whole
// cluster, so another database's migration may be making the same one.
func (s Schema) prepare(ctx context.Context, db *sql.DB) error {
	role := role(s.Service)
	for _, statement := range []string{
		EnsureRole(role),
		fmt.Sprintf(`CREATE SCHEMA IF NOT EXISTS %s`, s.Name),
		fmt.Sprintf(`GRANT USAGE ON SCHEMA %s TO %s`, s.Name, role),
		fmt.Sprintf(`ALTER DEFAULT PRIVILEGES IN SCHEMA %s GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %s`, s.Name, role),
		fmt.Sprintf(`ALTER DEFAULT PRIVILEGES IN SCHEMA %s GRANT USAGE, SELECT ON SEQUENCES TO %s`, s.Name, role),
	} {
		if err := tolerant(ctx, db, statement); err != nil {
			return err
		}
	}
	return nil
}

// EnsureRole is the statement that makes a role without login, usable by the
// current user, unless it is there.
func EnsureRole(name string) string {
	return fmt.Sprintf(`DO $$ BEGIN
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%[1]s') THEN CREATE ROLE %[1]s NOLOGIN; END IF;
		IF NOT pg_has_role(current_user, '%[1]s', 'MEMBER') THEN GRANT %[1]s TO CURRENT_USER; END IF;
	EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
	END $$`, name)
}

// tolerant runs a statement again when a rival changed the same catalogue row.
func tolerant(ctx context.Context, db *sql.DB, statement string) error {
	const attempts = 20
	var err error
	for range attempts {
		if _, err = db.ExecContext(ctx, statement); err == nil || !isCatalogueRace(err) {
			return err
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
	return err
}

func waitForTable(ctx context.Context, db *sql.DB, table string, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, waitForNeeds)
	defer cancel()
	for waited := false; ; waited = true {
		var found bool
		if err := db.QueryRowContext(ctx, `SELECT to_regclass($1) IS NOT NULL`, table).Scan(&found); err != nil {
			return fmt.Errorf("look for %s: %w", table, err)
		}
		if found {
			return nil
		}
		if !waited {
			log.InfoContext(ctx, "waiting for another service's migrations", "table", table)
		}
		if err := sleep(ctx, 200*time.Millisecond); err != nil {
			return fmt.Errorf("table %s is not there: has its service been started? %w", table, err)
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
