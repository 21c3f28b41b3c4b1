package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAttack19NobodyReachesWhatIsSomebodyElses(t *testing.T) {
	p := attacked(t)
	ada := personOf(t, p, "ada19")
	eve := p.browser(t)
	eve.register("eve19")
	open := []string{"/api/auth/login", "/api/auth/register", "/api/openapi.json"}
	before, facts := ada.state(), p.facts(t)
	for _, r := range everyRoute(t) {
		for _, accept := range []string{"application/json", "text/event-stream"} {
			send := func(b *browser) answer {
				return b.do(b.request(r.method, ada.own(r), strings.NewReader(r.body(t)), "Accept", accept))
			}
			if !slices.Contains(open, r.path) {
				got := send(p.browser(t))
				require.Equal(t, http.StatusUnauthorized, got.StatusCode, "nobody: %s %s: %s", r.method, r.path, got.body)
			}
			switch {
			case strings.Contains(r.path, "{"):
				got := send(eve)
				require.Equal(t, http.StatusNotFound, got.StatusCode, "eve: %s %s: %s", r.method, r.path, got.body)
			case r.method == "GET":
				got := send(eve)
				for _, id := range []string{ada.id, ada.conversation, ada.message, ada.workspace, ada.session, ada.token} {
					require.NotContains(t, string(got.body), id, r.path)
				}
			}
		}
	}
	require.Equal(t, before, ada.state())
	require.Equal(t, facts, p.facts(t))
}

func TestAttack22AnothersStreamIsOutOfReach(t *testing.T) {
	p := attacked(t)
	ada, eve := p.browser(t), p.browser(t)
	ada.register("ada22")
	eve.register("eve22")
	stream := ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": "Tell me a long story."})
	start, ok := stream.next()
	require.True(t, ok)
	path := "/api/chat/messages/" + start.data["assistantMessage"].(object)["id"].(string)
	for _, last := range []string{"", "0", "1"} {
		require.Equal(t, http.StatusNotFound, eve.call("GET", path+"/stream", nil, "Accept", "text/event-stream", "Last-Event-ID", last).StatusCode)
	}
	require.Equal(t, http.StatusNotFound, eve.call("POST", path+"/stop", object{}).StatusCode)
	require.Equal(t, http.StatusNotFound, eve.call("POST", path+"/regenerate", object{}, "Accept", "text/event-stream").StatusCode)
	ada.must("POST", path+"/stop", object{})
	last := stream.rest()
	require.Equal(t, "done", last[len(last)-1].name)
	require.Equal(t, "stopped", last[len(last)-1].data["message"].(object)["status"], "it ran until its own reader stopped it")
}
