package pgstore

import (
	"context"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/localdb/postgres"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// BenchmarkAsk stores questions with their empty answers, their entries in the
// index and the audit log's, from eight at the same time, beside as many who
// commit single rows to the same Postgres, which waits for the disk.
func BenchmarkAsk(b *testing.B) {
	const rivals, each = 8, time.Second
	url, stop, err := postgres.Start(b.Context(), postgres.Options{Dir: filepath.Join(b.TempDir(), "postgres")})
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, stop(context.Background())) })
	store, user := emptyStore(b, url)
	asOwner(b, url, `CREATE TABLE chat.single (id UUID PRIMARY KEY, content BYTEA NOT NULL); GRANT INSERT ON chat.single TO atrium_chat`)
	conversations := make([]uuid.UUID, rivals)
	for i := range conversations {
		conversations[i] = uuid.Must(uuid.NewV7())
		_, err := store.Create(b.Context(), conversation.Conversation{ID: conversations[i], UserID: user, Title: "Talk"})
		require.NoError(b, err)
	}
	text, root := "Which way does the tide go, and how high does the water come when the moon is full?", uuid.Nil
	single := func(int) error {
		_, err := store.pool.Exec(b.Context(), `INSERT INTO chat.single VALUES ($1, $2)`, uuid.Must(uuid.NewV7()), []byte(text))
		return err
	}
	ask := func(i int) error {
		_, _, err := store.Ask(b.Context(), user, turn.Question{ConversationID: conversations[i], Content: text, Parent: &root}, turn.Lease{For: time.Minute})
		return err
	}
	together := func(do func(rival int) error) (perSecond float64, took []time.Duration) {
		var all sync.WaitGroup
		times := make([][]time.Duration, rivals)
		for i := range rivals {
			all.Go(func() {
				for end := time.Now().Add(each); time.Now().Before(end); {
					times[i] = append(times[i], timed(func() { require.NoError(b, do(i)) }))
				}
			})
		}
		all.Wait()
		took = slices.Concat(times...)
		return float64(len(took)) / each.Seconds(), took
	}
	var ratios []float64
	var rows, questions []float64
	var waits []time.Duration
	for b.Loop() {
		bare, _ := together(single)
		ours, took := together(ask)
		rows, questions, ratios, waits = append(rows, bare), append(questions, ours), append(ratios, ours/bare), append(waits, took...)
	}
	for _, all := range [][]float64{rows, questions, ratios} {
		slices.Sort(all)
	}
	b.ReportMetric(rows[len(rows)/2], "rows/s")
	b.ReportMetric(questions[len(questions)/2], "questions/s")
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(percentile(waits, 99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}
