package chat_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/leak"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

func TestMain(m *testing.M) {
	if victim() {
		return
	}
	leak.Main(m)
}

func TestAnAnswerIsStreamedAndSaved(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	parts := make(chan string)
	h.ai.will(saying(parts))

	c := r.conversation(ctx)
	pair := r.send(ctx, c, "What is an atrium?")
	require.Equal(t, "complete", pair.GetUserMessage().GetStatus())
	require.Equal(t, "streaming", pair.GetAssistantMessage().GetStatus())
	require.Equal(t, pair.GetUserMessage().GetId(), pair.GetAssistantMessage().GetParentId())

	heard := r.follow(ctx, pair.GetAssistantMessage().GetId(), 0)
	start := heard.next().GetStart()
	require.Equal(t, "What is an atrium?", start.GetUserMessage().GetContent())
	require.Empty(t, start.GetAssistantMessage().GetContent())
	for _, part := range []string{"A hall ", "with light ", "from above. \x00é"} {
		parts <- part
	}
	close(parts)
	done := heard.end().GetDone().GetMessage()
	const text = "A hall with light from above. \uFFFDé"
	require.Equal(t, text, heard.text.String())
	require.Equal(t, text, done.GetContent())
	require.Equal(t, "complete", done.GetStatus())
	require.Equal(t, "test-model", done.GetModel())
	require.Equal(t, int32(12), done.GetUsage().GetInputTokens())
	require.InDelta(t, 0.0015, done.GetUsage().GetCostUsd(), 1e-9)
	usage := heard.events[len(heard.events)-2].GetUsage()
	require.Equal(t, int32(5), usage.GetOutputTokens())

	stored, err := r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: c.GetId()})
	require.NoError(t, err)
	require.Len(t, stored.GetMessages(), 2)
	require.Equal(t, text, stored.GetMessages()[1].GetContent())
	c, err = r.client.GetConversation(ctx, &chatv1.GetConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	require.Equal(t, "What is an atrium?", c.GetTitle())
	require.Equal(t, done.GetId(), c.GetHeadMessageId())

	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error { return v.done() })
	r.final(ctx, r.send(ctx, c, "And a forum?").GetAssistantMessage().GetId())
	asked := h.ai.requests()[1]
	require.Equal(t, "chat", asked.GetSource())
	require.Len(t, asked.GetMessages(), 3)
	require.Equal(t, text, asked.GetMessages()[1].GetContent())
}

func TestAFollowerResumesFromAnyEventOnAnyReplica(t *testing.T) {
	h := newHouse(t)
	here, there, ctx := h.replica(chat.Config{}), h.replica(chat.Config{}), h.person()
	parts := make(chan string)
	h.ai.will(saying(parts))
	id := here.ask(ctx, "count")
	watch := here.follow(ctx, id, 0)
	for _, part := range []string{"one ", "two ", "three "} {
		parts <- part
		watch.hear(part)
	}
	resumed := map[*tape]int64{}
	for after := range watch.seq + 1 {
		resumed[here.follow(ctx, id, after)] = after
		resumed[there.follow(ctx, id, after)] = after
	}
	parts <- "four"
	close(parts)
	watch.end()
	for follower, after := range resumed {
		follower.end()
		require.Len(t, follower.events, len(watch.events)-int(after))
		for i, e := range follower.events {
			require.Equal(t, watch.events[int(after)+i].GetDelta().GetText(), e.GetDelta().GetText())
		}
	}
	late := there.follow(ctx, id, 2) // the log is still there after the end
	late.end()
	require.Len(t, late.events, len(watch.events)-2)
}

func TestTheTurnGoesOnWithoutFollowers(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	parts := make(chan string)
	h.ai.will(saying(parts))
	id := r.ask(ctx, "go on")
	leaving, leave := context.WithCancel(ctx)
	r.follow(leaving, id, 0).next()
	leave()
	parts <- "alone"
	close(parts)
	require.Equal(t, "alone", r.final(ctx, id).GetContent())
}

func TestAnExpiredLogIsToldFromTheStore(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	parts := make(chan string, 2)
	parts <- "kept "
	parts <- "text"
	close(parts)
	h.ai.will(saying(parts))
	id := r.ask(ctx, "keep")
	r.final(ctx, id)
	require.NoError(t, r.redis.client.FlushAll(ctx).Err())

	whole := r.follow(ctx, id, 0)
	whole.end()
	require.Len(t, whole.events, 3)
	require.NotNil(t, whole.events[0].GetStart())
	require.Equal(t, "kept text", whole.events[1].GetDelta().GetText())
	require.Equal(t, "kept text", whole.events[2].GetDone().GetMessage().GetContent())
	rest := r.follow(ctx, id, 7)
	require.Equal(t, "kept text", rest.end().GetDone().GetMessage().GetContent())
	require.Len(t, rest.events, 1)
}

func TestALogLostInTheMiddleIsWrittenAgain(t *testing.T) {
	h := newHouse(t)
	here, there, ctx := h.replica(chat.Config{}), h.replica(chat.Config{}), h.person()
	parts := make(chan string)
	h.ai.will(saying(parts))
	id := here.ask(ctx, "again")
	watch, remote := here.follow(ctx, id, 0), there.follow(ctx, id, 0)
	parts <- "before "
	watch.hear("before ")
	remote.hear("before ")
	require.NoError(t, here.redis.client.FlushAll(ctx).Err())
	parts <- "after"
	watch.hear("after")
	fresh := h.replica(chat.Config{}).follow(ctx, id, 0) // one that has nothing of it in memory
	fresh.hear("before after")
	close(parts)
	for _, follower := range []*tape{watch, remote, fresh} {
		follower.end()
		require.Equal(t, "before after", follower.text.String())
	}
}

func TestALogThatCameBackOlderIsWrittenAgain(t *testing.T) {
	h := newHouse(t)
	here, ctx := h.replica(chat.Config{}), h.person()
	ctx, cancel := context.WithTimeout(ctx, time.Minute) // what is missing never comes
	defer cancel()
	parts := make(chan string)
	h.ai.will(saying(parts))
	id := here.ask(ctx, "again")
	watch := here.follow(ctx, id, 0)
	say := func(part string) { parts <- part; watch.hear(part) }
	say("one ")
	key := "atrium:chat:log:{" + id + "}"
	older, err := here.redis.client.Dump(ctx, key).Result()
	require.NoError(t, err)
	say("two ")
	require.NoError(t, here.redis.client.RestoreReplace(ctx, key, 0, older).Err())
	say("three ")
	h.replica(chat.Config{}).follow(ctx, id, 0).hear("one two three ")
	require.NoError(t, here.redis.client.FlushAll(ctx).Err())
	h.replica(chat.Config{}).follow(ctx, id, 0).hear("one two three ") // though nothing new comes
	close(parts)
	require.Equal(t, "one two three ", watch.end().GetDone().GetMessage().GetContent())
}

func TestChatGoesOnWithoutRedis(t *testing.T) {
	h := newHouse(t)
	r, other, ctx := h.replica(chat.Config{}), h.replica(chat.Config{}), h.person()
	parts := make(chan string)
	h.ai.will(saying(parts))
	id := r.ask(ctx, "go on")
	watch := r.follow(ctx, id, 0)
	parts <- "with "
	watch.hear("with ")
	r.redis.setCut(true)
	parts <- "without "
	watch.hear("without ")
	require.Equal(t, "with without ", r.content(ctx, id),
		"what is shown was saved before")
	r.redis.setCut(false)
	parts <- "back"
	watch.hear("back")
	remote := other.follow(ctx, id, 1)
	close(parts)
	watch.end()
	require.Equal(t, "with without back", watch.text.String())
	require.Equal(t, "with without back", remote.end().GetDone().GetMessage().GetContent())
	r.redis.setCut(true)
	require.Equal(t, "with without back", r.final(ctx, id).GetContent())
}

func TestASlowFollowerHoldsNobodyUp(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	text := make([]byte, 1<<20)
	for i := range text {
		text[i] = 'a' + byte(i%26)
	}
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error {
		for i := 0; i < len(text); i += 1 << 10 {
			v.say(string(text[i : i+1<<10]))
		}
		return v.done()
	})
	id := r.ask(ctx, "much")
	slow := r.follow(ctx, id, 0)
	slow.next()
	quick := r.follow(ctx, id, 0)
	quick.end()
	require.Equal(t, string(text), quick.text.String())
	slow.end()
	require.Equal(t, string(text), slow.text.String())
}
