package chat_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/grpcx"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

func TestEveryChangeIsAuditedOnceAndWithoutItsContent(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	parts := make(chan string)
	h.ai.will(saying(parts))
	keyed := metadata.AppendToOutgoingContext(ctx, grpcx.MetadataIdempotencyKey, "key-1", grpcx.MetadataRequestID, "the-request")

	var c *chatv1.Conversation
	for range 2 {
		var err error
		c, err = r.client.CreateConversation(keyed, &chatv1.CreateConversationRequest{Title: "canary title"})
		require.NoError(t, err)
	}
	title, yes := "canary renamed", true
	_, err := r.client.UpdateConversation(ctx, &chatv1.UpdateConversationRequest{Id: c.GetId(), Title: &title, Pinned: &yes})
	require.NoError(t, err)
	answer := r.send(ctx, c, "canary question").GetAssistantMessage().GetId()
	watch := r.follow(ctx, answer, 0)
	parts <- "canary answer"
	watch.hear("canary answer")
	_, err = r.client.StopMessage(ctx, &chatv1.StopMessageRequest{Id: answer})
	require.NoError(t, err)
	_, err = r.client.StopMessage(ctx, &chatv1.StopMessageRequest{Id: answer}) // changes nothing any more
	require.NoError(t, err)
	again, err := r.client.RegenerateMessage(ctx, &chatv1.RegenerateMessageRequest{Id: answer})
	require.NoError(t, err)
	close(parts)
	r.final(ctx, again.GetAssistantMessage().GetId())
	_, err = r.client.DeleteConversation(ctx, &chatv1.DeleteConversationRequest{Id: c.GetId()})
	require.NoError(t, err)

	require.Equal(t, []string{
		"chat.conversation.create", "chat.conversation.update", "chat.message.send",
		"chat.message.stop", "chat.message.regenerate", "chat.conversation.delete",
	}, query[[]string](h, `SELECT array_agg(event_type ORDER BY id) FROM audit.audit_log`))
	require.Equal(t, []string{"title", "pinned"}, query[[]string](h,
		`SELECT ARRAY(SELECT jsonb_array_elements_text(metadata->'changed')) FROM audit.audit_log WHERE event_type = 'chat.conversation.update'`))
	require.Equal(t, "the-request", query[string](h,
		`SELECT metadata->>'requestId' FROM audit.audit_log WHERE event_type = 'chat.conversation.create'`))
	require.Zero(t, query[int64](h, `SELECT count(*) FROM audit.audit_log WHERE user_id IS NULL OR audit_log::text LIKE '%canary%'`))
}
