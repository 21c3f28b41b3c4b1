package chat_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/principal"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

// inside gives a call's context of a workspace's own token.
func (h *house) inside(user, workspace uuid.UUID) context.Context {
	h.t.Helper()
	token, err := h.signer.Sign(principal.Principal{
		Kind: principal.User, UserID: user, SessionID: uuid.New(),
		Scopes: []string{"ai", principal.WithinWorkspace("chat", workspace)},
	}, "chat", "ai")
	require.NoError(h.t, err)
	return metadata.AppendToOutgoingContext(h.t.Context(), grpcx.MetadataIdentity, token)
}

func TestAWorkspaceOpensItsOwnConversationsOnly(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	parts := make(chan string)
	close(parts)
	h.ai.will(saying(parts))
	private := r.conversation(ctx)
	secret := r.send(ctx, private, "My diary")
	user := query[uuid.UUID](h, `SELECT user_id FROM chat.chat_conversations WHERE id = $1`, private.GetId())
	mine, other := uuid.New(), uuid.New()
	inside, elsewhere := h.inside(user, mine), h.inside(user, other)

	own, err := r.client.CreateConversation(inside, &chatv1.CreateConversationRequest{WorkspaceId: other.String()})
	require.NoError(t, err)
	require.Equal(t, mine.String(), own.GetWorkspaceId(), "whatever it asks for")
	pair := r.send(inside, own, "What is this?")
	require.Equal(t, "complete", r.final(inside, pair.GetAssistantMessage().GetId()).GetStatus())
	listed, err := r.client.ListConversations(inside, &chatv1.ListConversationsRequest{})
	require.NoError(t, err)
	require.Len(t, listed.GetConversations(), 1)
	require.Equal(t, own.GetId(), listed.GetConversations()[0].GetId())
	all, err := r.client.ListConversations(ctx, &chatv1.ListConversationsRequest{})
	require.NoError(t, err)
	require.Len(t, all.GetConversations(), 2, "its owner sees it beside the others")

	for what, closed := range map[string]struct {
		as                    context.Context
		conversation, message string
	}{
		"no workspace's": {inside, private.GetId(), secret.GetAssistantMessage().GetId()},
		"another's":      {elsewhere, own.GetId(), pair.GetAssistantMessage().GetId()},
	} {
		as := closed.as
		_, err = r.client.GetConversation(as, &chatv1.GetConversationRequest{Id: closed.conversation})
		require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err), what)
		_, err = r.client.ListMessages(as, &chatv1.ListMessagesRequest{ConversationId: closed.conversation})
		require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err), what)
		_, err = r.client.SendMessage(as, &chatv1.SendMessageRequest{ConversationId: closed.conversation, Content: "x"})
		require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err), what)
		_, err = r.client.StopMessage(as, &chatv1.StopMessageRequest{Id: closed.message})
		require.Equal(t, "MESSAGE_NOT_FOUND", r.reason(err), what)
		stream, err := r.client.StreamMessage(as, &chatv1.StreamMessageRequest{Id: closed.message})
		require.NoError(t, err)
		_, err = stream.Recv()
		require.Equal(t, "MESSAGE_NOT_FOUND", r.reason(err), what)
	}

	_, err = r.client.SendMessage(inside, &chatv1.SendMessageRequest{
		ConversationId: own.GetId(), Content: "x", Attachments: []string{uuid.NewString()},
	})
	require.Equal(t, "ATTACHMENT_NOT_FOUND", r.reason(err))
	for what, refused := range map[string]error{
		"change":  second(r.client.UpdateConversation(inside, &chatv1.UpdateConversationRequest{Id: own.GetId()})),
		"delete":  second(r.client.DeleteConversation(inside, &chatv1.DeleteConversationRequest{Id: own.GetId()})),
		"search":  second(r.client.Search(inside, &chatv1.SearchRequest{Q: "diary"})),
		"share":   second(r.client.ShareConversation(inside, &chatv1.ShareConversationRequest{Id: own.GetId()})),
		"prompts": second(r.client.ListPrompts(inside, &chatv1.ListPromptsRequest{})),
	} {
		require.Equal(t, "SCOPE_MISSING", r.reason(refused), what)
	}
}

func second[T any](_ T, err error) error { return err }
