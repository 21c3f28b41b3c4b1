package chat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/structpb"

	"atrium.internal/pkg/grpcx"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

func TestConversationsAreListedPinnedThenNewestFirst(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	yes := true
	var ids []string
	for i := range 5 {
		c, err := r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Title: fmt.Sprintf("Plan_%d 100%%", i)})
		require.NoError(t, err)
		ids = append(ids, c.GetId())
	}
	update := func(i int, req *chatv1.UpdateConversationRequest) {
		req.Id = ids[i]
		_, err := r.client.UpdateConversation(ctx, req)
		require.NoError(t, err)
	}
	update(1, &chatv1.UpdateConversationRequest{Pinned: &yes})
	update(0, &chatv1.UpdateConversationRequest{Archived: &yes})

	var seen []string
	req := &chatv1.ListConversationsRequest{PageSize: 2}
	for {
		resp, err := r.client.ListConversations(ctx, req)
		require.NoError(t, err)
		for _, c := range resp.GetConversations() {
			seen = append(seen, c.GetId())
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			break
		}
		_, err = r.client.ListConversations(h.person(), req)
		require.Equal(t, "PAGE_TOKEN_INVALID", r.reason(err))
	}
	require.Equal(t, []string{ids[1], ids[4], ids[3], ids[2], ids[0]}, seen)

	count := func(req *chatv1.ListConversationsRequest) int {
		resp, err := r.client.ListConversations(ctx, req)
		require.NoError(t, err)
		return len(resp.GetConversations())
	}
	no := false
	require.Equal(t, 1, count(&chatv1.ListConversationsRequest{Archived: &yes}))
	require.Equal(t, 4, count(&chatv1.ListConversationsRequest{Archived: &no}))
	require.Equal(t, 1, count(&chatv1.ListConversationsRequest{Q: "plan_3"}))
	require.Equal(t, 5, count(&chatv1.ListConversationsRequest{Q: "100%"}))
	require.Equal(t, 0, count(&chatv1.ListConversationsRequest{Q: "n%0"}))

	title := "Renamed"
	update(2, &chatv1.UpdateConversationRequest{Title: &title})
	resp, err := r.client.ListConversations(ctx, &chatv1.ListConversationsRequest{})
	require.NoError(t, err)
	require.Equal(t, ids[2], resp.GetConversations()[1].GetId())

	_, err = r.client.DeleteConversation(ctx, &chatv1.DeleteConversationRequest{Id: ids[0]})
	require.NoError(t, err)
	require.Equal(t, 4, count(&chatv1.ListConversationsRequest{}))
	_, err = r.client.DeleteConversation(ctx, &chatv1.DeleteConversationRequest{Id: ids[0]})
	require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err))
}

func TestConversationInput(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	keyed := metadata.AppendToOutgoingContext(ctx, grpcx.MetadataIdempotencyKey, "k")
	details, err := structpb.NewStruct(map[string]any{"colour": "blue"})
	require.NoError(t, err)
	req := &chatv1.CreateConversationRequest{Title: " Named ", Model: "m", Metadata: details}
	first, err := r.client.CreateConversation(keyed, req)
	require.NoError(t, err)
	require.Equal(t, "Named", first.GetTitle())
	require.Equal(t, "blue", first.GetMetadata().AsMap()["colour"])
	again, err := r.client.CreateConversation(keyed, req)
	require.NoError(t, err)
	require.Equal(t, first.GetId(), again.GetId())

	_, err = r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Title: "a\x00b"})
	require.Equal(t, "TEXT_INVALID", r.reason(err))
	_, err = r.client.SendMessage(ctx, &chatv1.SendMessageRequest{ConversationId: first.GetId(), Content: "a\x00b"})
	require.Equal(t, "TEXT_INVALID", r.reason(err))
	_, err = r.client.SendMessage(ctx, &chatv1.SendMessageRequest{ConversationId: first.GetId(), Content: " \n"})
	require.Equal(t, "INVALID_ARGUMENT", r.reason(err))
	_, err = r.client.GetConversation(ctx, &chatv1.GetConversationRequest{Id: "not an id"})
	require.Equal(t, "INVALID_ARGUMENT", r.reason(err))
	big, err := structpb.NewStruct(map[string]any{"x": strings.Repeat("x", 17<<10)})
	require.NoError(t, err)
	_, err = r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Metadata: big})
	require.Equal(t, "METADATA_TOO_LARGE", r.reason(err))
}
