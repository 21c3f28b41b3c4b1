package pgstore

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/services/chat/internal/search"
)

const (
	benchWords     = 20_000 // different words that there are
	benchWordsEach = 12     // words of a message
	benchBatch     = 20_000
)

// BenchmarkSearch looks for words among SEARCH_BENCH_MESSAGES sealed messages
// of one user, 20,000 without. Words are as common as in a language: the n-th
// one comes a n-th as often as the first. Told are a page of 50 hits, how many
// times longer it takes than finding out which texts those may be, and what the
// plainest statement over the blind index takes.
func BenchmarkSearch(b *testing.B) {
	messages := 20_000
	if text := os.Getenv("SEARCH_BENCH_MESSAGES"); text != "" {
		var err error
		messages, err = strconv.Atoi(text)
		require.NoError(b, err)
	}
	store, user := filled(b, messages)
	key, err := store.keys.Of(b.Context(), user)
	require.NoError(b, err)
	for _, c := range []struct{ name, words string }{
		{"absent", "nowhere "},
		{"rare", benchWord(9000) + " "},
		{"rare, begun", benchWord(9000)},
		{"seldom", benchWord(1000) + " "},
		{"usual", benchWord(300)},
		{"often", benchWord(130) + " "},
		{"common", benchWord(1)},
		{"begun", benchWord(5000)[:5]},
		{"two", benchWord(20) + " " + benchWord(400)},
	} {
		q, err := search.Parse(c.words)
		require.NoError(b, err)
		b.Run(c.name, func(b *testing.B) {
			wanted := search.New(key.Tag("chat search")).Wanted(q)
			var sql, whole, plain []time.Duration
			for b.Loop() {
				sql = append(sql, timed(func() {
					_, _, err := store.propose(b.Context(), user, wanted, uuid.Nil, opened, proposed)
					require.NoError(b, err)
				}))
				whole = append(whole, timed(func() {
					_, _, err := store.Search(b.Context(), user, q, uuid.Nil, 50)
					require.NoError(b, err)
				}))
			}
			words, args := conditions(wanted, user)
			for range 5 { // apart: it may read all there is, and take the caches with it
				plain = append(plain, timed(func() {
					_, err := store.ids(b.Context(), `SELECT id FROM chat.search_entries WHERE user_id = $1 AND `+words+` ORDER BY id DESC LIMIT 50`, args)
					require.NoError(b, err)
				}))
			}
			b.ReportMetric(percentile(whole, 50), "p50-ms")
			b.ReportMetric(percentile(whole, 95), "p95-ms")
			b.ReportMetric(percentile(whole, 50)/percentile(sql, 50), "x-its-sql")
			b.ReportMetric(percentile(plain, 50), "plain-sql-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func timed(do func()) time.Duration {
	begin := time.Now()
	do()
	return time.Since(begin)
}

func percentile(all []time.Duration, n int) float64 {
	slices.Sort(all)
	return all[len(all)*n/100].Seconds() * 1000
}

// benchWord is the n-th most common word.
func benchWord(n int) string {
	var word strings.Builder
	for n += 7; n > 0; n /= 20 {
		word.WriteString("bdfgklmnprstvzchjwqx"[n%20:n%20+1] + "aeiou"[n%5:n%5+1])
	}
	return word.String() + "k"
}

// filled is a store of a user with many messages, a hundred to a conversation.
func filled(b *testing.B, messages int) (*Store, uuid.UUID) {
	b.Helper()
	ctx := b.Context()
	url := pgtest.New(b)
	store, user := emptyStore(b, url)
	key, err := store.keys.Of(ctx, user)
	require.NoError(b, err)

	asOwner(b, url, `DROP INDEX chat.search_entries_terms_idx`) // it is faster to make it once
	vocabulary, hashes := make([]string, benchWords), make([][]int64, benchWords)
	for i := range vocabulary {
		vocabulary[i] = benchWord(i)
		hashes[i] = terms(key, vocabulary[i])
	}
	common := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 2, benchWords-1) // the same texts each time
	var conv uuid.UUID
	for done := 0; done < messages; done += benchBatch {
		var conversations, texts, entries [][]any
		for i := done; i < min(done+benchBatch, messages); i++ {
			if i%100 == 0 {
				conv = uuid.Must(uuid.NewV7())
				conversations = append(conversations, []any{conv, user, key.Seal(titleOf(conv), []byte(fmt.Sprint("Talk ", i)))})
			}
			id, said, words := uuid.Must(uuid.NewV7()), []string{}, []int64{}
			for range benchWordsEach {
				n := common.Uint64()
				said, words = append(said, vocabulary[n]), append(words, hashes[n]...)
			}
			slices.Sort(words)
			texts = append(texts, []any{id, conv, "user", key.Seal(contentOf(id), []byte(strings.Join(said, " "))), "complete"})
			entries = append(entries, []any{id, user, conv, id, slices.Compact(words)})
		}
		fill := func(table string, columns []string, rows [][]any) {
			_, err := store.pool.CopyFrom(ctx, pgx.Identifier{Schema, table}, columns, pgx.CopyFromRows(rows))
			require.NoError(b, err)
		}
		fill("chat_conversations", []string{"id", "user_id", "title"}, conversations)
		fill("chat_messages", []string{"id", "conversation_id", "role", "content", "status"}, texts)
		fill("search_entries", []string{"id", "user_id", "conversation_id", "message_id", "terms"}, entries)
	}
	asOwner(b, url, `SET maintenance_work_mem = '256MB'`, `CREATE INDEX search_entries_terms_idx ON chat.search_entries USING gin (terms)`,
		`VACUUM ANALYZE chat.search_entries`, `VACUUM ANALYZE chat.chat_messages`, `ANALYZE chat.chat_conversations`)
	return store, user
}

// emptyStore is a store of one user in an empty database, connected to it as the
// service is.
func emptyStore(b testing.TB, url config.Secret) (*Store, uuid.UUID) {
	b.Helper()
	ctx, user, log := b.Context(), uuid.New(), slog.New(slog.DiscardHandler)
	asOwner(b, url, pgdb.EnsureRole("atrium_chat"), auditAndUsers, `INSERT INTO auth.users VALUES ('`+user.String()+`')`)
	require.NoError(b, seal.Migrate(ctx, url, Schema, log))
	nothing := pgdb.Step{Version: ConvertVersion, Do: func(context.Context) error { return nil }}
	require.NoError(b, pgdb.Schema{Service: Schema, Files: Migrations(), Steps: []pgdb.Step{nothing}}.Migrate(ctx, url, log))
	pool, err := pgdb.OpenForTask(url, Schema)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	keys := seal.New(pool, Schema, seal.NewKeyring(make([]byte, 32)))
	b.Cleanup(keys.Close)
	return New(pool, keys), user
}

// auditAndUsers is what the auth service's migrations have for this one.
const auditAndUsers = `CREATE SCHEMA auth; CREATE TABLE auth.users (id UUID PRIMARY KEY);
	CREATE SCHEMA audit; CREATE TABLE audit.audit_log (id UUID PRIMARY KEY, timestamp TIMESTAMPTZ NOT NULL DEFAULT now(), user_id UUID,
		event_type VARCHAR(50) NOT NULL, resource_type VARCHAR(50), resource_id TEXT, action VARCHAR(50) NOT NULL,
		status VARCHAR(20) NOT NULL CHECK (status IN ('success', 'failure', 'error')), ip_address INET, user_agent TEXT,
		metadata JSONB NOT NULL DEFAULT '{}', error TEXT);
	CREATE INDEX ON audit.audit_log (user_id, timestamp DESC);
	CREATE INDEX ON audit.audit_log (timestamp DESC);
	CREATE INDEX ON audit.audit_log (event_type, timestamp DESC);
	GRANT USAGE ON SCHEMA audit TO atrium_chat;
	GRANT INSERT, SELECT ON audit.audit_log TO atrium_chat` // it reads only here

// asOwner runs statements that the service itself may not.
func asOwner(b testing.TB, url config.Secret, statements ...string) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), url.Reveal())
	require.NoError(b, err)
	defer func() { require.NoError(b, conn.Close(b.Context())) }()
	for _, sql := range statements {
		_, err := conn.Exec(b.Context(), sql)
		require.NoError(b, err)
	}
}
