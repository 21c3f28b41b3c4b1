package pgdb_test

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/config"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/testkit/pgtest"
)

var migrations = fstest.MapFS{"00001_first.sql": {Data: []byte(`-- +goose Up
CREATE TABLE demo.things (id int PRIMARY KEY);
CREATE TABLE demo.idempotency_keys (
	user_id uuid, key text, request_hash bytea NOT NULL, resource_id uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (user_id, key));
`)}}

var quiet = slog.New(slog.DiscardHandler)

func TestReplicasThatStartTogetherMigrateOnce(t *testing.T) {
	url := pgtest.New(t)
	errs := make([]error, 4)
	var replicas sync.WaitGroup
	for i := range errs {
		replicas.Go(func() { errs[i] = pgdb.Migrate(t.Context(), url, "demo", migrations, quiet) })
	}
	replicas.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

// What an address says of pools is no parameter of Postgres.
func TestAnAddressMaySayHowLargePoolsAre(t *testing.T) {
	larger, err := url.Parse(pgtest.New(t).Reveal())
	require.NoError(t, err)
	query := larger.Query()
	query.Set("pool_max_conns", "20")
	larger.RawQuery = query.Encode()
	address := config.Secret(larger.String())
	require.NoError(t, pgdb.Migrate(t.Context(), address, "demo", migrations, quiet))
	pool, err := pgdb.Open(address, "demo")
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(t.Context(), "INSERT INTO demo.things VALUES (1)")
	require.NoError(t, err)
	require.EqualValues(t, 20, pool.Config().MaxConns)
}

func TestAServiceTouchesItsOwnSchemaOnly(t *testing.T) {
	url := pgtest.New(t)
	require.NoError(t, pgdb.Migrate(t.Context(), url, "demo", migrations, quiet))
	other := fstest.MapFS{"00001_first.sql": {Data: []byte("-- +goose Up\nCREATE TABLE other.secrets (id int);\n")}}
	require.NoError(t, pgdb.Migrate(t.Context(), url, "other", other, quiet))

	pool, err := pgdb.Open(url, "demo")
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(t.Context(), "INSERT INTO demo.things VALUES (1)")
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "SELECT * FROM other.secrets")
	require.ErrorContains(t, err, "permission denied")
	_, err = pool.Exec(t.Context(), "DROP TABLE demo.things")
	require.ErrorContains(t, err, "must be owner")
}

func TestOneKeyMakesOneResource(t *testing.T) {
	url := pgtest.New(t)
	require.NoError(t, pgdb.Migrate(t.Context(), url, "demo", migrations, quiet))
	pool, err := pgdb.Open(url, "demo")
	require.NoError(t, err)
	defer pool.Close()
	owner, key := uuid.New(), idempotency.Key{Value: "k", RequestHash: []byte("same")}

	claim := func(ctx context.Context, owner uuid.UUID, key idempotency.Key) (id uuid.UUID, replayed bool, err error) {
		err = pgdb.InTx(ctx, pool, func(tx pgx.Tx) error {
			id, replayed, err = pgdb.Claim(ctx, tx, "demo", key, owner, uuid.New())
			return err
		})
		return id, replayed, err
	}
	const rivals = 20
	ids := make([]uuid.UUID, rivals)
	fresh := 0
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range rivals {
		all.Go(func() {
			id, replayed, err := claim(t.Context(), owner, key)
			mu.Lock()
			defer mu.Unlock()
			require.NoError(t, err)
			ids[i] = id
			if !replayed {
				fresh++
			}
		})
	}
	all.Wait()
	require.Equal(t, 1, fresh)
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}

	_, _, err = claim(t.Context(), owner, idempotency.Key{Value: "k", RequestHash: []byte("other")})
	require.ErrorIs(t, err, idempotency.ErrReused)
	_, replayed, err := claim(t.Context(), uuid.New(), key)
	require.NoError(t, err)
	require.False(t, replayed, "keys are each user's own")
}

func TestAClosedPoolIsADatabaseThatIsAway(t *testing.T) {
	pool, err := pgdb.Open(pgtest.New(t), "demo")
	require.NoError(t, err)
	pool.Close()
	_, err = pool.Exec(t.Context(), "SELECT 1")
	require.Error(t, err)
	var fault *apperr.Error
	require.ErrorAs(t, pgdb.Fault("ask", err), &fault)
	require.Equal(t, apperr.Unavailable, fault.Kind)
}

func TestADatabaseWithoutRoomSaysSo(t *testing.T) {
	var fault *apperr.Error
	require.ErrorAs(t, pgdb.Fault("add a row", &pgconn.PgError{Code: "53100", Message: "could not extend file"}), &fault)
	require.Equal(t, apperr.Unavailable, fault.Kind)
	require.Equal(t, "DATABASE_FULL", fault.Reason)
	require.NotContains(t, fault.Message, "extend file", "what Postgres says is for the log")
	require.ErrorContains(t, fault, "add a row")
}
