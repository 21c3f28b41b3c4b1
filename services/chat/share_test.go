package chat_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/principal"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

// nobody is a visitor's call.
func (h *house) nobody() context.Context {
	h.t.Helper()
	token, err := h.signer.Sign(principal.Principal{Kind: principal.Anonymous}, "chat")
	require.NoError(h.t, err)
	return metadata.AppendToOutgoingContext(h.t.Context(), grpcx.MetadataIdentity, token)
}

// echo answers every question with its own words.
func echo(req *aiv1.GenerateRequest, v *voice) error {
	v.started("test-model")
	messages := req.GetMessages()
	v.say("Answer to: " + messages[len(messages)-1].GetContent())
	v.usage(10, 5, 1500)
	return v.done()
}

// answered asks on the conversation's head and waits for the answer.
func (r *replica) answered(ctx context.Context, c *chatv1.Conversation, content string) *chatv1.Message {
	r.t.Helper()
	return r.final(ctx, r.send(ctx, c, content).GetAssistantMessage().GetId())
}

// contents are what a link shows to somebody without an account.
func (r *replica) shown(token string) (contents []string, err error) {
	r.t.Helper()
	shared, err := r.client.GetShared(r.nobody(), &chatv1.GetSharedRequest{Token: token})
	for _, m := range shared.GetMessages() {
		contents = append(contents, m.GetContent())
	}
	return contents, err
}

func TestALinkShowsTheBranchAsItWas(t *testing.T) {
	h := newHouse(t)
	r, ada := h.replica(chat.Config{PublicURL: "https://atrium.example"}), h.person()
	h.ai.will(echo)
	c := r.conversation(ada)
	share := func(head string) *chatv1.Share {
		t.Helper()
		s, err := r.client.ShareConversation(ada, &chatv1.ShareConversationRequest{Id: c.GetId(), HeadMessageId: head})
		require.NoError(t, err)
		return s
	}
	_, err := r.client.ShareConversation(ada, &chatv1.ShareConversationRequest{Id: c.GetId()})
	require.Equal(t, "SHARE_EMPTY", r.reason(err))

	left := r.answered(ada, c, "left")
	root := ""
	pair, err := r.client.SendMessage(ada, &chatv1.SendMessageRequest{ConversationId: c.GetId(), Content: "right", ParentId: &root})
	require.NoError(t, err)
	r.final(ada, pair.GetAssistantMessage().GetId())

	first := share("")
	require.Equal(t, "https://atrium.example/share/"+first.GetToken(), first.GetUrl())
	raw, err := base64.RawURLEncoding.DecodeString(first.GetToken())
	require.NoError(t, err)
	require.Len(t, raw, 32)
	shown, err := r.shown(first.GetToken())
	require.NoError(t, err)
	require.Equal(t, []string{"right", "Answer to: right"}, shown)

	listed, err := r.client.ListConversations(ada, &chatv1.ListConversationsRequest{})
	require.NoError(t, err)
	require.Equal(t, first.GetUrl(), listed.GetConversations()[0].GetShare().GetUrl(), "its owner finds the link again")

	r.answered(ada, c, "written later")
	shown, err = r.shown(first.GetToken())
	require.NoError(t, err)
	require.Equal(t, []string{"right", "Answer to: right"}, shown, "what comes later is not shared by itself")

	again := share(left.GetId())
	require.Equal(t, first.GetToken(), again.GetToken(), "the link stays")
	shared, err := r.client.GetShared(r.nobody(), &chatv1.GetSharedRequest{Token: again.GetToken()})
	require.NoError(t, err)
	require.Equal(t, "left", shared.GetMessages()[0].GetContent())
	require.Equal(t, "left", shared.GetTitle())
	answer := shared.GetMessages()[1]
	require.Equal(t, "Answer to: left", answer.GetContent())
	require.Equal(t, "assistant", answer.GetRole())
	require.Equal(t, "test-model", answer.GetModel())
	require.True(t, answer.GetCreatedAt().IsValid())
}

func TestALinkEndsAtOnce(t *testing.T) {
	h := newHouse(t)
	r, ada, eve := h.replica(chat.Config{}), h.person(), h.person()
	h.ai.will(echo)
	c := r.conversation(ada)
	r.answered(ada, c, "to be shared")
	share := func() string {
		t.Helper()
		s, err := r.client.ShareConversation(ada, &chatv1.ShareConversationRequest{Id: c.GetId()})
		require.NoError(t, err)
		_, err = r.shown(s.GetToken())
		require.NoError(t, err)
		return s.GetToken()
	}
	gone := func(token string) {
		t.Helper()
		_, err := r.shown(token)
		require.Equal(t, "SHARE_NOT_FOUND", r.reason(err))
	}
	unshare := &chatv1.UnshareConversationRequest{Id: c.GetId()}

	token := share()
	_, err := r.client.ShareConversation(eve, &chatv1.ShareConversationRequest{Id: c.GetId()})
	require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err))
	_, err = r.client.UnshareConversation(eve, unshare)
	require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err))
	_, err = r.shown(token)
	require.NoError(t, err, "somebody else ends nothing")

	for range 2 { // the second is no error
		_, err = r.client.UnshareConversation(ada, unshare)
		require.NoError(t, err)
	}
	gone(token)
	kept, err := r.client.GetConversation(ada, &chatv1.GetConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	require.Nil(t, kept.GetShare())
	next := share()
	require.NotEqual(t, token, next, "an ended link does not come back")
	gone(token)
	_, err = r.client.DeleteConversation(ada, &chatv1.DeleteConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	gone(next)
	_, err = r.client.RestoreConversation(ada, &chatv1.RestoreConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	_, err = r.shown(next)
	require.NoError(t, err, "undone whole")
	for _, token := range []string{strings.Repeat("A", 43), "x", strings.Repeat("é", 40)} {
		gone(token)
	}

	c = r.conversation(ada)
	r.answered(ada, c, "goes with its account")
	token = share()
	h.exec(`DELETE FROM auth.users WHERE id = (SELECT user_id FROM chat.chat_conversations WHERE id = $1)`, c.GetId())
	gone(token)
	require.Zero(t, query[int](h, `SELECT count(*)::int FROM chat.shares`))
}

// Whoever reads the database has hashes of tokens and what only tokens open.
func TestAStoredPictureTellsNothing(t *testing.T) {
	h := newHouse(t)
	r, ada := h.replica(chat.Config{}), h.person()
	h.ai.will(echo)
	c := r.conversation(ada)
	r.answered(ada, c, "canary in a cage")
	s, err := r.client.ShareConversation(ada, &chatv1.ShareConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	raw, err := base64.RawURLEncoding.DecodeString(s.GetToken())
	require.NoError(t, err)
	stored := query[[]byte](h, `SELECT token_hash || token || snapshot FROM chat.shares`)
	for _, secret := range []string{"canary", s.GetToken(), string(raw)} {
		require.NotContains(t, string(stored), secret)
	}
	// A picture that was changed is an error, not a text; its owner can take a new one.
	h.exec(`UPDATE chat.shares SET snapshot = set_byte(snapshot, 40, get_byte(snapshot, 40) # 1)`)
	_, err = r.shown(s.GetToken())
	require.Equal(t, "SEALED_DATA_UNREADABLE", r.reason(err))
	// So does a token that its owner's key opens no more, which then makes way.
	h.exec(`UPDATE chat.shares SET token = set_byte(token, 20, get_byte(token, 20) # 1)`)
	again, err := r.client.ShareConversation(ada, &chatv1.ShareConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	require.NotEqual(t, s.GetToken(), again.GetToken())
	_, err = r.shown(s.GetToken())
	require.Equal(t, "SHARE_NOT_FOUND", r.reason(err))
	_, err = r.shown(again.GetToken())
	require.NoError(t, err)
}
