package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNobodyReachesWhatIsSomebodyElses(t *testing.T) {
	forEachMode(t, []string{"ATRIUM_AI_DEMO_WORDS_PER_SECOND=500"}, func(t *testing.T, p *platform) {
		ada, eve := p.browser(t), p.browser(t)
		ada.register("ada")
		eve.register("eve")
		conversation := ada.conversation()
		sent := ada.must("POST", "/api/chat/conversations/"+conversation+"/messages", object{"content": "Hello."})
		message := sent["assistantMessage"].(object)["id"].(string)
		workspace := ada.must("POST", "/api/ide/workspaces", object{"name": "mine"})["id"].(string)

		for _, call := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/api/chat/conversations/" + conversation, nil},
			{"PATCH", "/api/chat/conversations/" + conversation, object{"title": "hers"}},
			{"DELETE", "/api/chat/conversations/" + conversation, nil},
			{"GET", "/api/chat/conversations/" + conversation + "/messages", nil},
			{"POST", "/api/chat/conversations/" + conversation + "/messages", object{"content": "hi"}},
			{"GET", "/api/chat/messages/" + message + "/stream", nil},
			{"POST", "/api/chat/messages/" + message + "/stop", object{}},
			{"POST", "/api/chat/messages/" + message + "/regenerate", object{}},
			{"GET", "/api/ide/workspaces/" + workspace, nil},
			{"PATCH", "/api/ide/workspaces/" + workspace, object{"name": "hers"}},
			{"DELETE", "/api/ide/workspaces/" + workspace, nil},
			{"POST", "/api/ide/workspaces/" + workspace + "/start", object{}},
			{"POST", "/api/ide/workspaces/" + workspace + "/stop", object{}},
			{"POST", "/api/ide/workspaces/" + workspace + "/restart", object{}},
			{"POST", "/api/ide/workspaces/" + workspace + "/open", object{}},
			{"GET", "/api/ide/workspaces/" + workspace + "/events", nil},
			{"GET", "/api/ide/workspaces/" + workspace + "/logs", nil},
			{"GET", "/api/ide/workspaces/" + workspace + "/stats", nil},
		} {
			for _, accept := range []string{"application/json", "text/event-stream"} {
				got := eve.call(call.method, call.path, call.body, "Accept", accept)
				require.Equal(t, http.StatusNotFound, got.StatusCode, "%s %s: %s", call.method, call.path, got.body)
			}
		}
		require.Equal(t, "mine", ada.must("GET", "/api/ide/workspaces/"+workspace, nil)["name"])
		require.Len(t, ada.must("GET", "/api/chat/conversations/"+conversation+"/messages", nil)["messages"], 2)
	})
}
