package pgdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"atrium.internal/pkg/config"
)

// waitForNeeds bounds the wait for another service's tables.
const waitForNeeds = 60 * time.Second

// Migrate brings a service's schema to the newest version: it makes the role
// and the schema, waits for the tables of others that the migrations refer to
// (needs, such as "auth.users"), and applies the *.sql files of migrations in
// order, each once, also when several replicas start together. The role gets
// every right on the schema's tables that a migration doesn't take away.
func Migrate(ctx context.Context, url config.Secret, service string, migrations fs.FS, log *slog.Logger, needs ...string) error {
	if !safeName.MatchString(service) {
		return fmt.Errorf("service name %q is not a plain word", service)
	}
	cfg, err := pgx.ParseConfig(url.Reveal())
	if err != nil {
		return errors.New("DATABASE_URL: not a postgres:// URL or keyword string")
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	db := stdlib.OpenDB(*cfg)
	defer db.Close()
	if err := prepare(ctx, db, service); err != nil {
		return fmt.Errorf("prepare schema %s: %w", service, err)
	}
	for _, table := range needs {
		if err := waitForTable(ctx, db, table, log); err != nil {
			return err
		}
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations,
		goose.WithSessionLocker(locker), goose.WithTableName(service+".goose_db_version"))
	if err != nil {
		return fmt.Errorf("migrations of %s: %w", service, err)
	}
	results, err := provider.Up(ctx)
	for _, r := range results {
		log.InfoContext(ctx, "migration applied", "schema", service, "version", r.Source.Version, "duration", r.Duration)
	}
	if err != nil {
		return fmt.Errorf("migrate %s: %w", service, err)
	}
	return nil
}

// prepare makes the service's role and schema. Roles belong to the whole
// cluster, so another database's migration may be making the same one.
func prepare(ctx context.Context, db *sql.DB, service string) error {
	for _, statement := range []string{
		EnsureRole(role(service)),
		fmt.Sprintf(`CREATE SCHEMA IF NOT EXISTS %s`, service),
		fmt.Sprintf(`GRANT USAGE ON SCHEMA %s TO %s`, service, role(service)),
		fmt.Sprintf(`ALTER DEFAULT PRIVILEGES IN SCHEMA %s GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %s`, service, role(service)),
		fmt.Sprintf(`ALTER DEFAULT PRIVILEGES IN SCHEMA %s GRANT USAGE, SELECT ON SEQUENCES TO %s`, service, role(service)),
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
