package chat_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

func TestADeletionCanBeUndoneForAWhile(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	c := r.conversation(ctx)
	sent := r.send(ctx, c, "keep the word marmalade")
	r.final(ctx, sent.GetAssistantMessage().GetId())
	_, err := r.client.DeleteConversation(ctx, &chatv1.DeleteConversationRequest{Id: c.GetId()})
	require.NoError(t, err)

	_, err = r.client.GetConversation(ctx, &chatv1.GetConversationRequest{Id: c.GetId()})
	require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err))
	_, err = r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: c.GetId()})
	require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err))
	_, err = r.client.RegenerateMessage(ctx, &chatv1.RegenerateMessageRequest{Id: sent.GetAssistantMessage().GetId()})
	require.Equal(t, "MESSAGE_NOT_FOUND", r.reason(err))
	list, err := r.client.ListConversations(ctx, &chatv1.ListConversationsRequest{})
	require.NoError(t, err)
	require.Empty(t, list.GetConversations())
	found, err := r.client.Search(ctx, &chatv1.SearchRequest{Q: "marmalade"})
	require.NoError(t, err)
	require.Empty(t, found.GetResults())

	_, err = r.client.RestoreConversation(h.person(), &chatv1.RestoreConversationRequest{Id: c.GetId()})
	require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err), "somebody else's")
	for range 2 {
		back, err := r.client.RestoreConversation(ctx, &chatv1.RestoreConversationRequest{Id: c.GetId()})
		require.NoError(t, err)
		require.Equal(t, "keep the word marmalade", back.GetTitle())
	}
	messages, err := r.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: c.GetId()})
	require.NoError(t, err)
	require.Len(t, messages.GetMessages(), 2)
}

func TestADeletedConversationGoesForGood(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	old, recent := r.conversation(ctx), r.conversation(ctx)
	for _, c := range []*chatv1.Conversation{old, recent} {
		_, err := r.client.DeleteConversation(ctx, &chatv1.DeleteConversationRequest{Id: c.GetId()})
		require.NoError(t, err)
	}
	h.exec(`UPDATE chat.chat_conversations SET deleted_at = deleted_at - interval '10 minutes' WHERE id = $1`, old.GetId())
	_, err := r.client.RestoreConversation(ctx, &chatv1.RestoreConversationRequest{Id: old.GetId()})
	require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err), "too late")
	h.replica(chat.Config{}) // looks at its start
	require.Equal(t, uuid.MustParse(recent.GetId()), query[uuid.UUID](h, `SELECT id FROM chat.chat_conversations`))
}

func TestAConversationTellsItsAnswersFirstAndAddsUpWhatTheyTook(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	var told string
	h.ai.will(func(req *aiv1.GenerateRequest, v *voice) error {
		told = req.GetSystem()
		v.started("m")
		v.say("Arr.")
		v.usage(7, 2, 1500)
		return v.done()
	})
	c, err := r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{SystemPrompt: "You are a pirate."})
	require.NoError(t, err)
	for range 2 {
		r.final(ctx, r.send(ctx, c, "hello").GetAssistantMessage().GetId())
	}
	require.Equal(t, "You are a pirate.", told)
	got, err := r.client.GetConversation(ctx, &chatv1.GetConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	require.Equal(t, "You are a pirate.", got.GetSystemPrompt())
	require.EqualValues(t, 18, got.GetUsage().GetInputTokens())
	require.EqualValues(t, 4, got.GetUsage().GetOutputTokens())
	require.InDelta(t, 0.003, got.GetUsage().GetCostUsd(), 1e-9)
	require.NotContains(t, r.dump(), "pirate")

	none := ""
	changed, err := r.client.UpdateConversation(ctx, &chatv1.UpdateConversationRequest{Id: c.GetId(), SystemPrompt: &none})
	require.NoError(t, err)
	require.Empty(t, changed.GetSystemPrompt())
}
