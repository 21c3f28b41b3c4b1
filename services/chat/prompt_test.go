package chat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/grpcx"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

func TestPromptsAreKeptForTheirUser(t *testing.T) {
	h := newHouse(t)
	r, ada, eve := h.replica(chat.Config{}), h.person(), h.person()
	keyed := metadata.AppendToOutgoingContext(ada, grpcx.MetadataIdempotencyKey, "k")
	req := &chatv1.CreatePromptRequest{Title: " Review ", Content: "Review this:\n"}
	first, err := r.client.CreatePrompt(keyed, req)
	require.NoError(t, err)
	require.Equal(t, "Review", first.GetTitle())
	require.Equal(t, "Review this:\n", first.GetContent())
	again, err := r.client.CreatePrompt(keyed, req)
	require.NoError(t, err)
	require.Equal(t, first.GetId(), again.GetId())
	for i := range 4 {
		_, err := r.client.CreatePrompt(ada, &chatv1.CreatePromptRequest{Title: fmt.Sprint(i), Content: "x"})
		require.NoError(t, err)
	}
	var titles []string
	list := &chatv1.ListPromptsRequest{PageSize: 2}
	for {
		resp, err := r.client.ListPrompts(ada, list)
		require.NoError(t, err)
		for _, p := range resp.GetPrompts() {
			titles = append(titles, p.GetTitle())
		}
		if list.PageToken = resp.GetNextPageToken(); list.PageToken == "" {
			break
		}
		_, err = r.client.ListPrompts(eve, list)
		require.Equal(t, "PAGE_TOKEN_INVALID", r.reason(err))
	}
	require.Equal(t, []string{"Review", "0", "1", "2", "3"}, titles)

	title := "Renamed"
	changed, err := r.client.UpdatePrompt(ada, &chatv1.UpdatePromptRequest{Id: first.GetId(), Title: &title})
	require.NoError(t, err)
	require.Equal(t, "Renamed", changed.GetTitle())
	require.Equal(t, "Review this:\n", changed.GetContent())
	require.False(t, changed.GetUpdatedAt().AsTime().Before(first.GetUpdatedAt().AsTime()))

	_, err = r.client.UpdatePrompt(eve, &chatv1.UpdatePromptRequest{Id: first.GetId(), Title: &title})
	require.Equal(t, "PROMPT_NOT_FOUND", r.reason(err))
	_, err = r.client.DeletePrompt(eve, &chatv1.DeletePromptRequest{Id: first.GetId()})
	require.Equal(t, "PROMPT_NOT_FOUND", r.reason(err))
	resp, err := r.client.ListPrompts(eve, &chatv1.ListPromptsRequest{})
	require.NoError(t, err)
	require.Empty(t, resp.GetPrompts())
	_, err = r.client.DeletePrompt(ada, &chatv1.DeletePromptRequest{Id: first.GetId()})
	require.NoError(t, err)
	_, err = r.client.DeletePrompt(ada, &chatv1.DeletePromptRequest{Id: first.GetId()})
	require.Equal(t, "PROMPT_NOT_FOUND", r.reason(err))
}

func TestPromptInput(t *testing.T) {
	h := newHouse(t)
	r, ada := h.replica(chat.Config{}), h.person()
	blank, zero := " \n", "a\x00b"
	kept, err := r.client.CreatePrompt(ada, &chatv1.CreatePromptRequest{Title: "t", Content: "c"})
	require.NoError(t, err)
	for reason, bad := range map[string][]*chatv1.CreatePromptRequest{
		"INVALID_ARGUMENT": {
			{},
			{Title: "t"},
			{Content: "c"},
			{Title: blank, Content: "c"},
			{Title: "t", Content: blank},
			{Title: strings.Repeat("ü", 101), Content: "c"},
			{Title: "t", Content: strings.Repeat("c", 32<<10+1)},
		},
		"TEXT_INVALID": {{Title: zero, Content: "c"}, {Title: "t", Content: zero}},
	} {
		for _, req := range bad {
			_, err := r.client.CreatePrompt(ada, req)
			require.Equal(t, reason, r.reason(err))
		}
	}
	_, err = r.client.UpdatePrompt(ada, &chatv1.UpdatePromptRequest{Id: kept.GetId(), Content: &blank})
	require.Equal(t, "INVALID_ARGUMENT", r.reason(err))
	_, err = r.client.UpdatePrompt(ada, &chatv1.UpdatePromptRequest{Id: kept.GetId(), Title: &zero})
	require.Equal(t, "TEXT_INVALID", r.reason(err))

	h.exec(`INSERT INTO chat.prompts (id, user_id, title, content)
		SELECT gen_random_uuid(), user_id, '', '' FROM chat.prompts, generate_series(1, 499)`)
	_, err = r.client.CreatePrompt(ada, &chatv1.CreatePromptRequest{Title: "t", Content: "c"})
	require.Equal(t, "TOO_MANY_PROMPTS", r.reason(err))
}

// What can't be read hides nothing else, and can be replaced.
func TestAnUnreadablePromptIsListedEmpty(t *testing.T) {
	h := newHouse(t)
	r, ada := h.replica(chat.Config{}), h.person()
	for _, title := range []string{"damaged", "whole"} {
		_, err := r.client.CreatePrompt(ada, &chatv1.CreatePromptRequest{Title: title, Content: "canary"})
		require.NoError(t, err)
	}
	require.NotContains(t, string(query[[]byte](h, `SELECT string_agg(title || content, '') FROM chat.prompts`)), "canary")
	h.exec(`UPDATE chat.prompts SET content = set_byte(content, 20, get_byte(content, 20) # 1)
		WHERE id = (SELECT min(id::text)::uuid FROM chat.prompts)`)
	resp, err := r.client.ListPrompts(ada, &chatv1.ListPromptsRequest{})
	require.NoError(t, err)
	require.Equal(t, "damaged", resp.GetPrompts()[0].GetTitle())
	require.Empty(t, resp.GetPrompts()[0].GetContent())
	require.Equal(t, "canary", resp.GetPrompts()[1].GetContent())
	mended := "mended"
	_, err = r.client.UpdatePrompt(ada, &chatv1.UpdatePromptRequest{Id: resp.GetPrompts()[0].GetId(), Content: &mended})
	require.NoError(t, err)
}
