package pgstore

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

var testLease = turn.Lease{Owner: "one", Run: uuid.New(), For: time.Minute}

// talking is a store with a user and conversations, of which the first has a title.
func talking(t *testing.T, count int) (*Store, uuid.UUID, []uuid.UUID) {
	t.Helper()
	store, user := emptyStore(t, pgtest.New(t))
	conversations, titles := make([]uuid.UUID, count), []string{"Talk", ""}
	for i := range conversations {
		conversations[i] = uuid.Must(uuid.NewV7())
		_, err := store.Create(t.Context(), conversation.Conversation{ID: conversations[i], UserID: user, Title: titles[min(i, 1)]})
		require.NoError(t, err)
	}
	return store, user, conversations
}

func (s *Store) prepared(t *testing.T, ctx context.Context, user uuid.UUID, q turn.Question) *asking {
	t.Helper()
	a, err := s.asking(ctx, user, q, testLease)
	require.NoError(t, err)
	return a
}

func keyed(t *testing.T, key, request string) context.Context {
	return idempotency.With(t.Context(), idempotency.Key{Value: key, RequestHash: []byte(request)})
}

func TestQuestionsStoredTogetherAreWhatTheyWouldBeAlone(t *testing.T) {
	store, user, convs := talking(t, 3)
	root, nowhere, stranger := uuid.Nil, uuid.New(), uuid.New()
	all := []*asking{
		store.prepared(t, t.Context(), user, turn.Question{ConversationID: convs[0], Content: "first", Model: "m"}),
		store.prepared(t, t.Context(), user, turn.Question{ConversationID: uuid.New(), Content: "to nobody"}),
		store.prepared(t, keyed(t, "k", "r"), user, turn.Question{ConversationID: convs[1], Content: "keyed"}),
		store.prepared(t, keyed(t, "k", "r"), user, turn.Question{ConversationID: convs[1], Content: "keyed"}),
		store.prepared(t, keyed(t, "other", "r"), user, turn.Question{ConversationID: convs[2], Content: "follows nothing", Parent: &nowhere}),
		store.prepared(t, t.Context(), user, turn.Question{ConversationID: convs[0], Content: "too early"}),
		store.prepared(t, t.Context(), user, turn.Question{ConversationID: convs[0], Content: "from the root", Parent: &root}),
	}
	all[1].user = stranger
	out, errs := store.askAll(t.Context(), all)

	require.NoError(t, errs[0])
	require.Equal(t, "first", out[0].pair.User.Content)
	require.Equal(t, "m", out[0].pair.Assistant.Model)
	require.ErrorIs(t, errs[1], conversation.ErrNotFound)
	require.NoError(t, errs[2])
	require.NoError(t, errs[3])
	require.True(t, out[3].claimed, "the same key is a repeated call")
	require.ErrorIs(t, errs[4], conversation.ErrMessageNotFound)
	require.ErrorIs(t, errs[5], turn.ErrRunning)
	require.NoError(t, errs[6])
	for _, i := range []int{0, 2, 6} {
		read, err := store.Pair(t.Context(), user, out[i].pair.Assistant.ID)
		require.NoError(t, err)
		require.Equal(t, read, out[i].pair, "what is given is what is stored")
		require.Less(t, read.User.Position, read.Assistant.Position)
	}
	_, _, err := store.Ask(t.Context(), user, turn.Question{ConversationID: convs[1], Content: "strays", Parent: &out[0].pair.User.ID}, testLease)
	require.ErrorIs(t, err, conversation.ErrMessageNotFound, "a message of another conversation")

	c, err := store.Get(t.Context(), user, convs[0])
	require.NoError(t, err)
	require.Equal(t, "Talk", c.Title)
	require.Equal(t, out[6].pair.Assistant.ID, c.HeadMessageID)
	c, err = store.Get(t.Context(), user, convs[1])
	require.NoError(t, err)
	require.Equal(t, "keyed", c.Title, "the first question names it")
	count := func(sql string) (n int) {
		require.NoError(t, store.pool.QueryRow(t.Context(), sql).Scan(&n))
		return n
	}
	require.Equal(t, 6, count(`SELECT count(*) FROM chat.chat_messages`))
	require.Equal(t, 3, count(`SELECT count(*) FROM audit.audit_log WHERE event_type = 'chat.message.send'`))
	require.Equal(t, 1, count(`SELECT count(*) FROM chat.idempotency_keys`), "a refused call gives its key back")
}

func TestWhatSpoilsATransactionSpoilsOnlyItself(t *testing.T) {
	store, user, convs := talking(t, 3)
	all := make([]*asking, len(convs))
	for i, c := range convs {
		all[i] = store.prepared(t, keyed(t, c.String(), "r"), user, turn.Question{ConversationID: c, Content: "text"})
	}
	all[1].id = all[1].answer // two rows with one key
	out, errs := store.askAll(t.Context(), all)
	require.Error(t, errs[1])
	for _, i := range []int{0, 2} {
		require.NoError(t, errs[i])
		_, err := store.Pair(t.Context(), user, out[i].pair.Assistant.ID)
		require.NoError(t, err)
	}
	var claimed int
	require.NoError(t, store.pool.QueryRow(t.Context(), `SELECT count(*) FROM chat.idempotency_keys`).Scan(&claimed))
	require.Equal(t, 2, claimed, "what was not stored has no key")
}

func TestAKeyIsAnsweredOnceByACrowd(t *testing.T) {
	store, user, convs := talking(t, 8)
	answers := make([]uuid.UUID, 64)
	var fresh int
	var mu sync.Mutex
	var crowd sync.WaitGroup
	for i := range answers {
		crowd.Go(func() {
			ctx := keyed(t, "key-"+string(rune('a'+i%8)), "r")
			p, replayed, err := store.Ask(ctx, user, turn.Question{ConversationID: convs[i%8], Content: "once"}, testLease)
			if !replayed && err == nil {
				mu.Lock()
				fresh++
				mu.Unlock()
			}
			if err == nil {
				answers[i] = p.Assistant.ID
			}
		})
	}
	crowd.Wait()
	require.Equal(t, 8, fresh)
	for i, id := range answers {
		require.NotEqual(t, uuid.Nil, id)
		require.Equal(t, answers[i%8], id)
	}
	_, _, err := store.Ask(keyed(t, "key-a", "another request"), user, turn.Question{ConversationID: convs[0], Content: "other"}, testLease)
	require.ErrorIs(t, err, idempotency.ErrReused)
}
