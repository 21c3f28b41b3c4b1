package pgdb_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/health"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/testkit/pgtest"
)

// soon bounds what a busy machine needs for two servers.
const soon = 30 * time.Second

// reading is a service with a replica, and a table with one number in it.
type reading struct {
	*pgtest.Pair
	t       *testing.T
	primary *pgxpool.Pool
	reads   *pgdb.Reads
}

func newReading(t *testing.T) reading {
	t.Helper()
	pair := pgtest.NewPair(t)
	require.NoError(t, pgdb.Migrate(t.Context(), pair.Primary, "demo", migrations, quiet))
	primary, err := pgdb.Open(pair.Primary, "demo")
	require.NoError(t, err)
	t.Cleanup(primary.Close)
	reads, err := pgdb.OpenReads(pgdb.Replica{URL: pair.Replica, Lag: time.Second}, primary, "demo", quiet)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, reads.Close()) })
	reads.Start(t.Context())
	return reading{Pair: pair, t: t, primary: primary, reads: reads}
}

func (r reading) write(n int) {
	r.t.Helper()
	_, err := r.primary.Exec(r.t.Context(), `INSERT INTO demo.things VALUES ($1)`, n)
	require.NoError(r.t, err)
}

// read gives who answers, and the newest that it has.
func (r reading) read() (byReplica bool, newest int) {
	r.t.Helper()
	require.NoError(r.t, r.reads.Do(r.t.Context(), func(ctx context.Context, db pgdb.Querier) error {
		return db.QueryRow(ctx, `SELECT pg_is_in_recovery(), coalesce(max(id), 0) FROM demo.things`).Scan(&byReplica, &newest)
	}))
	return byReplica, newest
}

func (r reading) eventually(byReplica bool, newest int) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		by, found := r.read()
		return by == byReplica && found == newest
	}, soon, 20*time.Millisecond)
}

func TestReadsGoToTheReplicaWhileItKeepsUp(t *testing.T) {
	r := newReading(t)
	require.EqualError(t, r.reads.Ready(t.Context()), "down", "until it has been looked at")
	r.write(1)
	r.eventually(true, 1)
	require.NoError(t, r.reads.Ready(t.Context()))

	// What it has stands still: from the bound on the primary answers, however
	// often it is asked.
	r.Pause()
	r.write(2)
	wrote := time.Now()
	for by, newest := r.read(); newest != 2; by, newest = r.read() {
		require.True(t, by)
		require.Equal(t, 1, newest)
		require.Less(t, time.Since(wrote), soon)
	}
	require.Less(t, time.Since(wrote), 5*time.Second)
	by, _ := r.read()
	require.False(t, by)
	require.Eventually(t, func() bool { return errors.Is(r.reads.Ready(t.Context()), health.OptionalError("behind")) }, soon, 10*time.Millisecond)
	r.Resume()
	r.eventually(true, 2)

	// It is lost in the middle of a read, which nobody notices.
	first := true
	require.NoError(t, r.reads.Do(t.Context(), func(ctx context.Context, db pgdb.Querier) error {
		if first {
			first = false
			r.Kill()
		}
		return db.QueryRow(ctx, `SELECT pg_is_in_recovery()`).Scan(&by)
	}))
	require.False(t, by)
	for range 100 {
		by, _ = r.read()
		require.False(t, by)
	}
	require.Eventually(t, func() bool { return errors.Is(r.reads.Ready(t.Context()), health.OptionalError("down")) }, soon, 10*time.Millisecond)
	r.write(3)
	r.Start()
	r.eventually(true, 3)

	// A replica that became a server of its own is none any more.
	r.Promote()
	r.write(4)
	r.eventually(false, 4)
	require.Eventually(t, func() bool { return errors.Is(r.reads.Ready(t.Context()), health.OptionalError("down")) }, soon, 10*time.Millisecond)
}

func TestFaultsOfAReadAreThePrimarys(t *testing.T) {
	url := pgtest.New(t)
	require.NoError(t, pgdb.Migrate(t.Context(), url, "demo", migrations, quiet))
	primary, err := pgdb.Open(url, "demo")
	require.NoError(t, err)
	defer primary.Close()
	reads, err := pgdb.OpenReads(pgdb.Replica{}, primary, "demo", quiet)
	require.NoError(t, err)
	reads.Start(t.Context())
	fault := errors.New("of the read")
	require.ErrorIs(t, reads.Do(t.Context(), func(context.Context, pgdb.Querier) error { return fault }), fault)
	require.NoError(t, reads.Close())

	_, err = pgdb.OpenReads(pgdb.Replica{URL: "postgres://ada:hunter2@%", Lag: time.Second}, primary, "demo", quiet)
	require.ErrorContains(t, err, "DATABASE_READ_URL")
	require.NotContains(t, err.Error(), "hunter2")
	_, err = pgdb.OpenReads(pgdb.Replica{URL: url, Lag: time.Millisecond}, primary, "demo", quiet)
	require.ErrorContains(t, err, "ATRIUM_DATABASE_READ_LAG")
}
