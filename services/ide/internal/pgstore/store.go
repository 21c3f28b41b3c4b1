package pgstore

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
)

// Schema is what the service's tables live in.
const Schema = "ide"

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrate brings the schema up to date, once the users' table is there.
func Migrate(ctx context.Context, url config.Secret, log *slog.Logger) error {
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return err
	}
	return pgdb.Migrate(ctx, url, Schema, files, log, "auth.users", "audit.audit_log")
}

// Store is the database as the domains see it.
type Store struct {
	db    *pgxpool.Pool
	reads *pgdb.Reads
}

// New makes a store over a pool of the service's role.
func New(db *pgxpool.Pool) *Store { return &Store{db: db, reads: pgdb.ByPrimary(db)} }

// By has statistics read where what is a little old does.
func (s *Store) By(reads *pgdb.Reads) *Store { return &Store{db: s.db, reads: reads} }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.Ping(ctx) }
