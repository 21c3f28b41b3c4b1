package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

func (b *browser) search(words string) []any {
	b.t.Helper()
	return b.must("GET", "/api/chat/search?q="+url.QueryEscape(words), nil)["results"].([]any)
}

func TestAConversationIsNamedFoundAndBroughtBack(t *testing.T) {
	far := fakeai.New(t)
	env := []string{"ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL=" + far.AnthropicURL()}
	forEachMode(t, env, func(t *testing.T, p *platform) {
		ada, eve := p.browser(t), p.browser(t)
		ada.register("ada")
		eve.register("eve")
		id := ada.must("POST", "/api/chat/conversations", object{"systemPrompt": "Be brief."})["id"].(string)
		path := "/api/chat/conversations/" + id
		ada.must("POST", path+"/messages", object{"content": "Why do the Häuser lean? [[fake:text=Because of subsidence.]]"})
		eventually(t, "the conversation has a title of a model", func() error {
			if c := ada.must("GET", path, nil); c["titleBy"] != "ai" {
				return fmt.Errorf("%v", c["title"])
			}
			return nil
		})
		require.Equal(t, []string{"chat", "chat.title"}, rows(t, p, `SELECT source FROM ai.ai_usage WHERE status = 'settled' ORDER BY source`))
		before := ada.must("GET", path, nil)
		require.Equal(t, "Be brief.", before["systemPrompt"])
		require.Positive(t, before["usage"].(object)["outputTokens"])

		found := ada.search("subsid haus ") // neither word is finished
		require.Empty(t, found)
		found = ada.search("haus")
		require.NotEmpty(t, found)
		require.Equal(t, id, found[0].(object)["conversationId"])
		require.NotEmpty(t, found[0].(object)["highlights"])
		all := ada.search("subsidence")
		require.Len(t, all, 3, "in the question, in the answer, and in the title that the far end made of the same")
		require.Empty(t, eve.search("subsidence"))

		ada.must("DELETE", path, nil)
		require.Empty(t, ada.search("subsidence"))
		require.Equal(t, http.StatusNotFound, ada.call("GET", path, nil).StatusCode)
		require.Equal(t, http.StatusNotFound, eve.call("POST", path+"/restore", object{}).StatusCode)
		require.Equal(t, before, ada.must("POST", path+"/restore", object{}))
		require.Equal(t, all, ada.search("subsidence"))
	})
}

func TestALinkIsReadWithoutAnAccount(t *testing.T) {
	forEachMode(t, []string{"ATRIUM_AI_DEMO_WORDS_PER_SECOND=500", "ATRIUM_LOG_LEVEL=debug"}, func(t *testing.T, p *platform) {
		ada, anybody := p.browser(t), p.browser(t)
		id := ada.register("ada")["id"].(string)
		path := "/api/chat/conversations/" + ada.conversation()
		ada.must("POST", path+"/messages", object{"content": "To be read by all."})
		share := ada.must("POST", path+"/share", object{})
		token := share["token"].(string)
		require.Equal(t, p.setting("ATRIUM_PUBLIC_URL")+"/share/"+token, share["url"])
		require.Equal(t, share, ada.must("GET", path, nil)["share"])

		got := anybody.call("GET", "/api/chat/shared/"+token, nil)
		require.Equal(t, http.StatusOK, got.StatusCode, "%s", got.body)
		require.Equal(t, "noindex", got.Header.Get("X-Robots-Tag"))
		require.Equal(t, "no-store", got.Header.Get("Cache-Control"))
		messages := got.object(t)["messages"].([]any)
		require.Len(t, messages, 2)
		require.Equal(t, "To be read by all.", messages[0].(object)["content"])
		for _, secret := range []string{id, strings.TrimPrefix(path, "/api/chat/conversations/"), "ada"} {
			require.NotContains(t, string(got.body), secret)
		}
		page := anybody.call("GET", "/share/"+token, nil)
		require.Equal(t, "noindex", page.Header.Get("X-Robots-Tag"))
		require.NotContains(t, p.logs.String(), token, "whoever reads the logs can't read along")

		ada.must("DELETE", path+"/share", nil)
		gone := anybody.call("GET", "/api/chat/shared/"+token, nil)
		require.Equal(t, http.StatusNotFound, gone.StatusCode)
		require.Equal(t, "SHARE_NOT_FOUND", gone.reason())
	})
}
