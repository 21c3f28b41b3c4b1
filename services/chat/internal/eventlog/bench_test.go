package eventlog

import (
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/pkg/testkit/redistest"
	"atrium.internal/services/chat/internal/turn"
)

// oneKey makes one user and gives the data keys.
func oneKey(b *testing.B) (uuid.UUID, *seal.Keys) {
	b.Helper()
	url, user := pgtest.New(b), uuid.New()
	pool, err := pgxpool.New(b.Context(), url.Reveal())
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	_, err = pool.Exec(b.Context(), `CREATE SCHEMA auth; CREATE TABLE auth.users (id UUID PRIMARY KEY)`)
	require.NoError(b, err)
	_, err = pool.Exec(b.Context(), `INSERT INTO auth.users VALUES ($1)`, user)
	require.NoError(b, err)
	require.NoError(b, seal.Migrate(b.Context(), url, "chat", slog.New(slog.DiscardHandler)))
	keys := seal.New(pool, "chat", seal.NewKeyring(make([]byte, 32)))
	b.Cleanup(keys.Close)
	return user, keys
}

func BenchmarkAppend(b *testing.B) {
	user, keys := oneKey(b)
	client, err := redisdb.Open(redistest.New(b))
	require.NoError(b, err)
	defer client.Close()
	hub := New(slog.New(slog.DiscardHandler), client, nil, keys)
	defer func() { _ = hub.Stop() }()
	w := hub.Create(turn.Answer{ID: uuid.New(), Owner: user})
	defer w.Close()
	var seq int64
	b.ReportAllocs()
	for b.Loop() {
		seq++
		events := []turn.Event{{Seq: seq, Kind: turn.Delta, Text: "a few words of it "}}
		if err := w.Store(b.Context(), events); err != nil {
			b.Fatal(err)
		}
		w.Show(events)
	}
}

func BenchmarkEncode(b *testing.B) {
	user, keys := oneKey(b)
	c, err := (&Hub{keys: keys}).codec(b.Context(), turn.Answer{Owner: user})
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		c.encode(turn.Event{Seq: 7, Kind: turn.Delta, Text: "a few words of it "})
	}
}
