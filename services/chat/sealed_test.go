package chat_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
	"atrium.internal/services/chat/internal/pgstore"
)

const canary = "canary-7d31"

// content is an answer as it is kept now.
func (r *replica) content(ctx context.Context, answer string) string {
	r.t.Helper()
	conv := query[uuid.UUID](r.house, `SELECT conversation_id FROM chat.chat_messages WHERE id = $1`, answer)
	list, err := r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: conv.String()})
	require.NoError(r.t, err)
	for _, m := range list.GetMessages() {
		if m.GetId() == answer {
			return m.GetContent()
		}
	}
	r.t.Fatal("no such answer")
	return ""
}

// dump is every row of the schema, with sealed columns in hexadecimal, and what
// Redis holds.
func (r *replica) dump() string {
	r.t.Helper()
	var all strings.Builder
	for _, table := range query[[]string](r.house, `SELECT array_agg(schemaname || '.' || tablename) FROM pg_tables WHERE schemaname LIKE 'chat%'`) {
		all.WriteString(query[string](r.house, `SELECT coalesce(string_agg(x::text, E'\n'), '') FROM `+table+` x`))
	}
	names, err := r.redis.client.Keys(r.t.Context(), "*").Result()
	require.NoError(r.t, err)
	for _, name := range names {
		entries, err := r.redis.client.XRange(r.t.Context(), name, "-", "+").Result()
		require.NoError(r.t, err)
		for _, entry := range entries {
			fmt.Fprint(&all, name, entry.Values)
		}
	}
	return all.String()
}

func TestNothingThatPeopleWriteIsReadableAtRest(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error {
		v.started("m")
		v.say("an answer about " + canary)
		return status.Error(codes.Internal, "the provider repeats: "+canary)
	})
	details, err := structpb.NewStruct(map[string]any{"note": canary})
	require.NoError(t, err)
	c, err := r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Title: "About " + canary, Metadata: details})
	require.NoError(t, err)
	sent := r.send(ctx, c, "what of "+canary+"?")
	untitled := r.send(ctx, r.conversation(ctx), canary+" makes a title")
	for _, id := range []string{sent.GetAssistantMessage().GetId(), untitled.GetAssistantMessage().GetId()} {
		require.Contains(t, r.final(ctx, id).GetContent(), canary, "its owner reads it")
	}

	dump := r.dump()
	require.Contains(t, dump, sent.GetAssistantMessage().GetId(), "the dump does have the rows")
	require.Contains(t, dump, "atrium:chat:log", "and the logs")
	require.NotContains(t, dump, canary)
	require.NotContains(t, dump, hex.EncodeToString([]byte(canary)))
}

// Attack 60, in the database and in Redis.
func TestWhatWasMovedOrChangedIsNotShown(t *testing.T) {
	h := newHouse(t)
	r, ada, ben := h.replica(chat.Config{}), h.person(), h.person()
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error {
		v.started("m")
		v.say("said")
		return v.done()
	})
	adas, bens := r.ask(ada, "Ada's secret"), r.ask(ben, "Ben's secret")
	other := r.ask(ada, "Ada's other")
	for _, id := range []string{adas, other} {
		r.final(ada, id)
	}
	r.final(ben, bens)
	hidden := func(ctx context.Context, answer string) bool {
		conv := query[uuid.UUID](h, `SELECT conversation_id FROM chat.chat_messages WHERE id = $1`, answer)
		list, err := r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: conv.String()})
		require.NoError(t, err, "the rest is shown")
		require.Contains(t, []string{"Ada's secret", "Ben's secret"}, list.GetMessages()[0].GetContent())
		m := list.GetMessages()[1]
		require.Equal(t, map[bool]string{true: "", false: "said"}[m.GetUnreadable()], m.GetContent())
		return m.GetUnreadable()
	}
	for what, attack := range map[string]string{
		"another user's": `UPDATE chat.chat_messages SET content = (SELECT content FROM chat.chat_messages WHERE id = $2) WHERE id = $1`,
		"their own other": `UPDATE chat.chat_messages SET content = (SELECT content FROM chat.chat_messages m
			WHERE role = 'assistant' AND id NOT IN ($1, $2)) WHERE id = $1`,
		"changed":   `UPDATE chat.chat_messages SET content = set_byte(content, 20, get_byte(content, 20) # 1) WHERE id IN ($1, $2)`,
		"plain":     `UPDATE chat.chat_messages SET content = 'planted' WHERE id IN ($1, $2)`,
		"cut short": `UPDATE chat.chat_messages SET content = '' WHERE id IN ($1, $2)`,
	} {
		before := query[[]byte](h, `SELECT content FROM chat.chat_messages WHERE id = $1`, adas)
		bensBefore := query[[]byte](h, `SELECT content FROM chat.chat_messages WHERE id = $1`, bens)
		require.False(t, hidden(ada, adas))
		h.exec(attack, adas, bens)
		require.True(t, hidden(ada, adas), what)
		h.exec(`UPDATE chat.chat_messages SET content = $2 WHERE id = $1`, adas, before)
		h.exec(`UPDATE chat.chat_messages SET content = $2 WHERE id = $1`, bens, bensBefore)
	}
	h.exec(`UPDATE chat.chat_conversations SET title = (SELECT content FROM chat.chat_messages LIMIT 1)`)
	list, err := r.client.ListConversations(ada, &chatv1.ListConversationsRequest{})
	require.NoError(t, err)
	require.Len(t, list.GetConversations(), 2)
	for _, c := range list.GetConversations() {
		require.True(t, c.GetUnreadable())
		require.Empty(t, c.GetTitle())
	}

	// A follower who has nothing in memory reads the log in Redis; what was
	// planted there is not shown, and the store's own is.
	entry := func(answer, id string) any {
		found, err := r.redis.client.XRange(t.Context(), "atrium:chat:log:{"+answer+"}", id, id).Result()
		require.NoError(t, err)
		require.Len(t, found, 1)
		return found[0].Values["x"]
	}
	start, delta := entry(other, "1-0"), entry(other, "2-0")
	for what, planted := range map[string][]any{
		"another user's log": {start, entry(bens, "2-0")},
		"an entry again":     {start, delta, delta},
	} {
		stream := "atrium:chat:log:{" + other + "}"
		require.NoError(t, r.redis.client.Del(t.Context(), stream).Err())
		for i, value := range planted {
			require.NoError(t, r.redis.client.Do(t.Context(), "XADD", stream, fmt.Sprintf("%d-0", i+1), "x", value).Err())
		}
		watch := h.replica(chat.Config{}).follow(ada, other, 0)
		watch.end()
		require.Equal(t, "said", watch.text.String(), what)
	}
}

func TestWhatWasStoredInPlainIsSealedAtTheStart(t *testing.T) {
	h := newHouse(t)
	first, err := fs.ReadFile(pgstore.Migrations(), "00001_conversations.sql")
	require.NoError(t, err)
	old := fstest.MapFS{"00001_conversations.sql": {Data: first}}
	require.NoError(t, pgdb.Migrate(t.Context(), h.database, "chat", old, slog.New(slog.DiscardHandler), "auth.users"))
	ctx := h.person()
	user := query[uuid.UUID](h, `SELECT id FROM auth.users`)
	conv := uuid.New()
	h.exec(`INSERT INTO chat.chat_conversations (id, user_id, title, metadata) VALUES ($1, $2, 'Old '||$3, '{"k": "v"}')`, conv, user, canary)
	h.exec(`INSERT INTO chat.chat_messages (id, conversation_id, role, content, status, error_kind, metadata)
		SELECT gen_random_uuid(), $1, 'assistant', $2||n, 'error', 10, '{"errorReason": "OLD", "errorMessage": "It was away."}'
		FROM generate_series(1, 450) n`, conv, canary)

	// The first start is cut short after some rows.
	cut, cancel := context.WithCancel(t.Context())
	log := slog.New(onProgress{slog.DiscardHandler, cancel})
	require.Error(t, chat.Migrate(cut, h.database, seal.NewKeyring(make([]byte, 32)), log))
	left := query[int64](h, `SELECT count(*) FROM chat.chat_messages WHERE content IS NULL`)
	require.NotZero(t, left, "it was cut short")

	r := h.replica(chat.Config{})
	c, err := r.client.GetConversation(ctx, &chatv1.GetConversationRequest{Id: conv.String()})
	require.NoError(t, err)
	require.Equal(t, "Old "+canary, c.GetTitle())
	require.Equal(t, map[string]any{"k": "v"}, c.GetMetadata().AsMap())
	seen := 0
	for token := ""; ; {
		list, err := r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: conv.String(), PageSize: 100, PageToken: token})
		require.NoError(t, err)
		for _, m := range list.GetMessages() {
			seen++
			require.Equal(t, fmt.Sprint(canary, seen), m.GetContent())
			require.Equal(t, "OLD", m.GetMetadata().AsMap()["errorReason"])
		}
		if token = list.GetNextPageToken(); token == "" {
			break
		}
	}
	require.Equal(t, 450, seen)
	dump := r.dump()
	require.NotContains(t, dump, canary)
	require.NotContains(t, dump, hex.EncodeToString([]byte(canary)))
	require.Zero(t, query[int64](h, `SELECT count(*) FROM information_schema.columns WHERE table_schema = 'chat' AND column_name LIKE 'plain%'`))
}

// onProgress is called with the second step of the conversion.
type onProgress struct {
	slog.Handler
	do func()
}

func (p onProgress) Enabled(context.Context, slog.Level) bool { return true }

func (p onProgress) Handle(_ context.Context, record slog.Record) error {
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "done" && a.Value.Int64() == 200 {
			p.do()
		}
		return true
	})
	return nil
}

func TestASearchOpensAllTitles(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	create := func(title string) {
		_, err := r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Title: title})
		require.NoError(t, err)
	}
	create("The Würzburg plan") // the oldest, beyond one batch
	for i := range 520 {
		create(fmt.Sprint("Number ", i))
	}
	find := func(q string, size int32, token string) *chatv1.ListConversationsResponse {
		list, err := r.client.ListConversations(ctx, &chatv1.ListConversationsRequest{Q: q, PageSize: size, PageToken: token})
		require.NoError(t, err)
		return list
	}
	require.Len(t, find("WÜRZ", 10, "").GetConversations(), 1)
	require.Empty(t, find("%", 10, "").GetConversations())
	page := find("number 51", 5, "")
	require.Len(t, page.GetConversations(), 5)
	require.NotEmpty(t, page.GetNextPageToken())
	rest := find("number 51", 100, page.GetNextPageToken())
	require.Len(t, rest.GetConversations(), 6, "51 and 510 to 519, without the five before")
	require.Empty(t, rest.GetNextPageToken())
}

func TestADeletedUsersLogExpires(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	parts := make(chan string)
	h.ai.will(saying(parts))
	id := r.ask(ctx, "go on")
	watch := r.follow(ctx, id, 0)
	parts <- "some "
	watch.hear("some ")
	h.exec(`DELETE FROM auth.users`)
	require.Zero(t, query[int64](h, `SELECT count(*) FROM chat_keys.data_keys`))
	require.Eventually(t, func() bool {
		left := r.redis.client.TTL(t.Context(), "atrium:chat:log:{"+id+"}").Val()
		return left <= 10*time.Minute
	}, time.Minute, 50*time.Millisecond)
}
