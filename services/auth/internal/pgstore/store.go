package pgstore

import (
	"embed"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Schema is the service's schema and the name behind its role.
const Schema = "auth"

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the SQL files for pgdb.Migrate.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}

// Accounts implements account.Store and account.Admins.
type Accounts struct{ pool *pgxpool.Pool }

// NewAccounts keeps accounts in a pool of this service's role.
func NewAccounts(pool *pgxpool.Pool) *Accounts { return &Accounts{pool: pool} }

// Sessions implements session.Store and session.Holders.
type Sessions struct{ pool *pgxpool.Pool }

// NewSessions keeps sessions in a pool of this service's role.
func NewSessions(pool *pgxpool.Pool) *Sessions { return &Sessions{pool: pool} }
