package redisstore_test

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/testkit/redistest"
	"atrium.internal/services/ide/internal/answercache"
	"atrium.internal/services/ide/internal/codeassist"
	"atrium.internal/services/ide/internal/redisstore"
)

func TestMain(m *testing.M) { leak.Main(m) }

func open(t testing.TB) *redis.Client {
	t.Helper()
	client, err := redisdb.Open(redistest.New(t))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

func answers(client *redis.Client) redisstore.Answers {
	return redisstore.Answers{Client: client, Key: make([]byte, 32), For: time.Hour}
}

func key(user uuid.UUID, question string) answercache.Key {
	return answercache.Key{User: user, Digest: sha256.Sum256([]byte(question))}
}

var kept = answercache.Entry{Text: "the answer\n", RequestID: uuid.NewString(), Cut: true}

func TestAnswersAreKept(t *testing.T) {
	client, ada := open(t), uuid.New()
	store := answers(client)
	_, ok := store.Get(t.Context(), key(ada, "q"))
	require.False(t, ok)
	store.Put(t.Context(), key(ada, "q"), kept)
	got, ok := store.Get(t.Context(), key(ada, "q"))
	require.True(t, ok)
	require.Equal(t, kept, got)

	names, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.Len(t, names, 1)
	raw, err := client.Get(t.Context(), names[0]).Result()
	require.NoError(t, err)
	require.NotContains(t, raw, "answer", "sealed")
	left, err := client.TTL(t.Context(), names[0]).Result()
	require.NoError(t, err)
	require.Positive(t, left)
	require.LessOrEqual(t, left, time.Hour)
}

// TestAnswersServeTheirQuestionOnly puts what was sealed for one question of
// one user under every other name that it could be found by.
func TestAnswersServeTheirQuestionOnly(t *testing.T) {
	client, ada, ben := open(t), uuid.New(), uuid.New()
	store := answers(client)
	store.Put(t.Context(), key(ada, "q"), kept)
	names, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	raw, err := client.Get(t.Context(), names[0]).Result()
	require.NoError(t, err)

	other := key(ada, "another")
	other.Digest[31] = key(ada, "q").Digest[31] // the same slot
	_, ok := store.Get(t.Context(), other)
	require.False(t, ok, "another question")
	require.NoError(t, client.Set(t.Context(), strings.Replace(names[0], ada.String(), ben.String(), 1), raw, 0).Err())
	_, ok = store.Get(t.Context(), key(ben, "q"))
	require.False(t, ok, "another user")
	stranger := answers(client)
	stranger.Key = []byte(strings.Repeat("x", 32))
	_, ok = stranger.Get(t.Context(), key(ada, "q"))
	require.False(t, ok, "another deployment key")
}

func TestAnswersAreBounded(t *testing.T) {
	client, ada := open(t), uuid.New()
	store := answers(client)
	for range 2000 {
		store.Put(t.Context(), key(ada, uuid.NewString()), kept)
	}
	names, err := client.DBSize(t.Context()).Result()
	require.NoError(t, err)
	require.LessOrEqual(t, names, int64(256))
	store.Put(t.Context(), key(ada, "long"), answercache.Entry{Text: strings.Repeat("x", 1<<20)})
	_, ok := store.Get(t.Context(), key(ada, "long"))
	require.False(t, ok)
}

func TestWithoutRedisTheModelIsAsked(t *testing.T) {
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: "/nonexistent", MaxRetries: -1})
	defer func() { require.NoError(t, client.Close()) }()
	store := answers(client)
	store.Put(t.Context(), key(uuid.New(), "q"), kept)
	_, ok := store.Get(t.Context(), key(uuid.New(), "q"))
	require.False(t, ok)
}

// BenchmarkAnswer compares a hit, sealed answer and all, with the bare GET of
// a value as long, in turns and by their medians: their ratio is the result.
func BenchmarkAnswer(b *testing.B) {
	client := open(b)
	ada := principal.Principal{Kind: principal.User, UserID: uuid.New()}
	ctx := principal.With(b.Context(), ada)
	text := strings.Repeat("func total(items []Item) int {\n", 30)
	asked := codeassist.Prompt{Source: "ide.complete", System: "s", User: strings.Repeat("x", 12_000), Repeatable: true}
	model := answercache.New(answering(text), answers(client), func(context.Context, string, string) {})
	drop := func(string) error { return nil }
	_, err := model.Generate(ctx, asked, drop)
	require.NoError(b, err)
	model.Wait()
	require.NoError(b, client.Set(ctx, "raw", text, 0).Err())
	var hits, gets []time.Duration
	for b.Loop() {
		began := time.Now()
		if answer, err := model.Generate(ctx, asked, drop); err != nil || !answer.Cached {
			b.Fatal(answer, err)
		}
		between := time.Now()
		if err := client.Get(ctx, "raw").Err(); err != nil {
			b.Fatal(err)
		}
		hits, gets = append(hits, between.Sub(began)), append(gets, time.Since(between))
	}
	hit, get := median(hits), median(gets)
	b.ReportMetric(float64(hit)/float64(get), "hit/GET")
	b.ReportMetric(float64(hit.Microseconds()), "µs/hit")
	b.ReportMetric(float64(get.Microseconds()), "µs/GET")
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// answering is a model with one answer.
type answering string

func (a answering) Generate(_ context.Context, _ codeassist.Prompt, each func(string) error) (codeassist.Answer, error) {
	return codeassist.Answer{RequestID: uuid.NewString()}, each(string(a))
}
