package chat_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

// shown is what a search gives: each snippet with its hits in brackets.
func shown(resp *chatv1.SearchResponse) []string {
	var all []string
	for _, result := range resp.GetResults() {
		units := utf16.Encode([]rune(result.GetSnippet()))
		var line strings.Builder
		at := int32(0)
		for _, h := range result.GetHighlights() {
			line.WriteString(string(utf16.Decode(units[at:h.GetStart()])) + "[" + string(utf16.Decode(units[h.GetStart():h.GetEnd()])) + "]")
			at = h.GetEnd()
		}
		all = append(all, line.String()+string(utf16.Decode(units[at:])))
	}
	return all
}

func TestWordsAreFoundInTitlesQuestionsAndAnswers(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error {
		v.started("m")
		v.say("Zebras live in herds.")
		return v.done()
	})
	c, err := r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Title: "Of a zebra"})
	require.NoError(t, err)
	sent := r.send(ctx, c, "Where do zebras sleep?")
	r.final(ctx, sent.GetAssistantMessage().GetId())

	search := func(q string) *chatv1.SearchResponse {
		resp, err := r.client.Search(ctx, &chatv1.SearchRequest{Q: q})
		require.NoError(t, err)
		return resp
	}
	all := search("zebra")
	require.Equal(t, []string{"Where do [zebras] sleep?", "[Zebras] live in herds.", "Of a [zebra]"}, shown(all), "newest turn first")
	require.Equal(t, []string{"user", "assistant", ""}, []string{all.GetResults()[0].GetRole(), all.GetResults()[1].GetRole(), all.GetResults()[2].GetRole()})
	require.Equal(t, sent.GetAssistantMessage().GetId(), all.GetResults()[1].GetMessageId())
	require.Empty(t, all.GetResults()[2].GetMessageId())
	require.Equal(t, "Of a zebra", all.GetResults()[0].GetConversationTitle())
	require.Equal(t, []string{"Where do [zebras] [sleep]?"}, shown(search("sleeping zebras ")))
	require.Len(t, search("zeb").GetResults(), 3, "somebody is still typing")
	require.Empty(t, search("zeb herds").GetResults(), "only the last word may be unfinished")
	require.Empty(t, search("giraffe").GetResults())

	page, err := r.client.Search(ctx, &chatv1.SearchRequest{Q: "zebra", PageSize: 2})
	require.NoError(t, err)
	require.Len(t, page.GetResults(), 2)
	rest, err := r.client.Search(ctx, &chatv1.SearchRequest{Q: "zebra", PageSize: 2, PageToken: page.GetNextPageToken()})
	require.NoError(t, err)
	require.Equal(t, []string{"Of a [zebra]"}, shown(rest))

	others, err := r.client.Search(h.person(), &chatv1.SearchRequest{Q: "zebra"})
	require.NoError(t, err)
	require.Empty(t, others.GetResults())
	_, err = r.client.Search(ctx, &chatv1.SearchRequest{Q: "?!"})
	require.Equal(t, "SEARCH_EMPTY", r.reason(err))

	title := "Of horses"
	_, err = r.client.UpdateConversation(ctx, &chatv1.UpdateConversationRequest{Id: c.GetId(), Title: &title})
	require.NoError(t, err)
	require.Len(t, search("zebra").GetResults(), 2, "a title that was")
	require.Equal(t, []string{"Of [horses]"}, shown(search("horse")))
}

func TestWhatWasWrittenBeforeTheIndexIsFound(t *testing.T) {
	h := newHouse(t)
	first, ctx := h.replica(chat.Config{}), h.person()
	c := first.conversation(ctx)
	sent := first.send(ctx, c, "An old question about quinces")
	first.final(ctx, sent.GetAssistantMessage().GetId())
	h.exec(`DELETE FROM chat.search_entries`)
	second := h.replica(chat.Config{})
	require.Eventually(t, func() bool {
		resp, err := second.client.Search(ctx, &chatv1.SearchRequest{Q: "quinces"})
		require.NoError(t, err)
		return len(resp.GetResults()) == 2 // the question, and the title made of it
	}, time.Minute, 20*time.Millisecond)
}

// Behind the newest texts, which are looked at one by one, the index finds the rest.
func TestARareWordIsFoundBehindThousandsOfTexts(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{}), h.person()
	for _, title := range []string{"Of a zebra", "Another zebra", "Of a giraffe"} {
		_, err := r.client.CreateConversation(ctx, &chatv1.CreateConversationRequest{Title: title})
		require.NoError(t, err)
	}
	h.exec(`INSERT INTO chat.search_entries (id, user_id, conversation_id, terms)
		SELECT ('ffffffff' || substr(gen_random_uuid()::text, 9))::uuid, user_id, id, '{}'
		FROM (SELECT user_id, id FROM chat.chat_conversations LIMIT 1) c, generate_series(1, 6000)`)
	resp, err := r.client.Search(ctx, &chatv1.SearchRequest{Q: "zebra"})
	require.NoError(t, err)
	require.Equal(t, []string{"Another [zebra]", "Of a [zebra]"}, shown(resp))
	first, err := r.client.Search(ctx, &chatv1.SearchRequest{Q: "zebra", PageSize: 1})
	require.NoError(t, err)
	rest, err := r.client.Search(ctx, &chatv1.SearchRequest{Q: "zebra", PageSize: 1, PageToken: first.GetNextPageToken()})
	require.NoError(t, err)
	require.Equal(t, []string{"Another [zebra]", "Of a [zebra]"}, append(shown(first), shown(rest)...))
	none, err := r.client.Search(h.person(), &chatv1.SearchRequest{Q: "zebra"})
	require.NoError(t, err)
	require.Empty(t, none.GetResults())
}
