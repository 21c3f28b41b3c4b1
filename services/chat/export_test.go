package chat_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	commonv1 "atrium.internal/proto/gen/atrium/common/v1"
	"atrium.internal/services/chat"
)

func (r *replica) export(ctx context.Context) map[string]string {
	r.t.Helper()
	stream, err := r.client.ExportAccount(ctx, &chatv1.ExportAccountRequest{})
	require.NoError(r.t, err)
	return r.files(stream)
}

// files reads a stream of files to its end.
func (r *replica) files(stream grpc.ServerStreamingClient[commonv1.FileChunk]) map[string]string {
	r.t.Helper()
	files, name := map[string]string{}, ""
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return files
		}
		require.NoError(r.t, err)
		if chunk.GetPath() != "" {
			require.NotContains(r.t, files, chunk.GetPath(), "each conversation once")
			name = chunk.GetPath()
		}
		require.LessOrEqual(r.t, len(chunk.GetData()), 64<<10)
		files[name] += string(chunk.GetData())
	}
}

func TestAnExportHasEveryConversationWhole(t *testing.T) {
	h := newHouse(t)
	r := h.replica(chat.Config{})
	ada, eve := h.person(), h.person()
	h.ai.will(func(req *aiv1.GenerateRequest, v *voice) error {
		v.started("test-model")
		messages := req.GetMessages()
		v.say("Answer to: " + messages[len(messages)-1].GetContent())
		v.usage(10, 5, 1500)
		return v.done()
	})
	ask := func(ctx context.Context, conversation, content string, parent *string) *chatv1.SendMessageResponse {
		t.Helper()
		pair, err := r.client.SendMessage(ctx, &chatv1.SendMessageRequest{ConversationId: conversation, Content: content, ParentId: parent})
		require.NoError(t, err)
		stream, err := r.client.StreamMessage(ctx, &chatv1.StreamMessageRequest{Id: pair.GetAssistantMessage().GetId()})
		require.NoError(t, err)
		for err == nil {
			_, err = stream.Recv()
		}
		require.ErrorIs(t, err, io.EOF)
		return pair
	}
	create := func(ctx context.Context, title string) string {
		c, err := r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Title: title})
		require.NoError(t, err)
		return c.GetId()
	}
	id := create(ada, "Tides & Moons")
	first := ask(ada, id, "first question", nil)
	parent := first.GetAssistantMessage().GetId()
	ask(ada, id, "left branch", &parent)
	for i := range 10 { // more than a page of messages
		ask(ada, id, fmt.Sprintf("right branch %d", i), map[bool]*string{true: &parent}[i == 0])
	}
	archived := create(ada, "put aside")
	yes := true
	_, err := r.client.UpdateConversation(ada, &chatv1.UpdateConversationRequest{Id: archived, Archived: &yes})
	require.NoError(t, err)
	long := create(ada, "long")
	ask(ada, long, strings.Repeat("ü", 100_000), nil)
	ask(eve, create(eve, "canary of eve"), "canary of eve", nil)

	_, err = r.client.CreatePrompt(ada, &chatv1.CreatePromptRequest{Title: "Review", Content: "Review this:"})
	require.NoError(t, err)
	_, err = r.client.CreatePrompt(eve, &chatv1.CreatePromptRequest{Title: "canary of eve", Content: "canary of eve"})
	require.NoError(t, err)
	link, err := r.client.ShareConversation(ada, &chatv1.ShareConversationRequest{Id: id})
	require.NoError(t, err)

	files := r.export(ada)
	var prompts []struct{ Title, Content string }
	require.NoError(t, json.Unmarshal([]byte(files["prompts.json"]), &prompts))
	require.Len(t, prompts, 1)
	require.Equal(t, "Review this:", prompts[0].Content)
	delete(files, "prompts.json")
	require.Len(t, files, 6)
	var tree, branch string
	for name, text := range files {
		require.NotContains(t, name+text, "canary")
		require.NotContains(t, text, link.GetToken())
		require.Regexp(t, `^conversations/\d{4}-\d\d-\d\d-[a-z-]+-[0-9a-f]{8}\.(json|md)$`, name)
		switch {
		case strings.Contains(name, "tides-moons") && strings.HasSuffix(name, ".json"):
			tree = text
		case strings.Contains(name, "tides-moons"):
			branch = text
		}
	}
	var parsed struct {
		Conversation struct{ ID, Title, TitleBy, SharedAt string }
		Messages     []struct {
			ID, ParentID, Role, Content, Status, Model string
			Usage                                      struct{ CostMicroUSD int64 }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(tree), &parsed), tree)
	require.Equal(t, id, parsed.Conversation.ID)
	require.Equal(t, "Tides & Moons", parsed.Conversation.Title)
	require.Equal(t, "user", parsed.Conversation.TitleBy)
	require.NotEmpty(t, parsed.Conversation.SharedAt)
	require.Len(t, parsed.Messages, 24)
	require.Equal(t, "first question", parsed.Messages[0].Content)
	require.Equal(t, "Answer to: first question", parsed.Messages[1].Content)
	require.Equal(t, parsed.Messages[0].ID, parsed.Messages[1].ParentID)
	require.Equal(t, "complete", parsed.Messages[1].Status)
	require.EqualValues(t, 1500, parsed.Messages[1].Usage.CostMicroUSD)
	require.Contains(t, branch, "# Tides & Moons\n\n## You, ")
	require.Contains(t, branch, "\nAnswer to: right branch 9\n")
	require.NotContains(t, branch, "left branch", "the branch last shown, and no other")
	require.Equal(t, 22, strings.Count(branch, "\n## "))

	for format, whole := range map[string]string{"json": tree, "md": branch} {
		stream, err := r.client.ExportConversation(ada, &chatv1.ExportConversationRequest{Id: id, Format: format})
		require.NoError(t, err)
		alone := r.files(stream)
		require.Len(t, alone, 1)
		for name, text := range alone {
			require.Regexp(t, `^\d{4}-\d\d-\d\d-tides-moons-[0-9a-f]{8}\.`+format+`$`, name)
			require.Equal(t, whole, text, "as in the account's export")
		}
	}
	stream, err := r.client.ExportConversation(eve, &chatv1.ExportConversationRequest{Id: id, Format: "md"})
	require.NoError(t, err)
	_, err = stream.Recv()
	require.Equal(t, "CONVERSATION_NOT_FOUND", r.reason(err))
}
