package pgstore

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/group"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
)

// Schema is the service's schema and the name behind its role.
const Schema = "chat"

// keepKeys is how long a repeated call still answers the first result.
const keepKeys = 24 * time.Hour

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

// Store implements the stores of packages conversation and turn.
type Store struct {
	pool    *pgxpool.Pool
	keys    *seal.Keys
	asks    *group.Group[*asking, stored]
	settles *group.Group[settling, bool]
}

// New keeps everything in a pool of this service's role. What people write, and
// what is written for them, is sealed with their data keys.
func New(pool *pgxpool.Pool, keys *seal.Keys) *Store {
	return &Store{pool: pool, keys: keys, asks: &group.Group[*asking, stored]{}, settles: &group.Group[settling, bool]{}}
}

// ForgetKeys removes idempotency keys that have expired.
func (s *Store) ForgetKeys(ctx context.Context) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM chat.idempotency_keys WHERE created_at < now() - $1::interval`, keepKeys)
	return pgdb.Fault("forget idempotency keys", err)
}

// claim ties the call's idempotency key, if there is one, to a new resource.
func claim(ctx context.Context, tx pgx.Tx, user, resource uuid.UUID) (existing uuid.UUID, replayed bool, err error) {
	key, ok := idempotency.From(ctx)
	if !ok {
		return resource, false, nil
	}
	return pgdb.Claim(ctx, tx, Schema, key, user, resource)
}

func nullable(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func orNil(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}
