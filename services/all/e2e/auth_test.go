package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSignInAndOut(t *testing.T) {
	forEachMode(t, nil, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		require.Equal(t, http.StatusUnauthorized, ada.call("GET", "/api/auth/session", nil).StatusCode)
		user := ada.register("ada")
		require.Equal(t, "free", user["plan"])
		require.Equal(t, []any{"user"}, user["roles"])
		session := ada.must("GET", "/api/auth/session", nil)
		require.Equal(t, user["id"], session["user"].(object)["id"])
		require.NotContains(t, session["session"], "token")

		phone := p.browser(t)
		phone.must("POST", "/api/auth/login", object{"login": "ADA@example.com", "password": "a long enough passphrase"})
		sessions := ada.must("GET", "/api/auth/sessions", nil)["sessions"].([]any)
		require.Len(t, sessions, 2)
		for _, s := range sessions {
			if s.(object)["current"] != true {
				ada.must("DELETE", "/api/auth/sessions/"+s.(object)["id"].(string), nil)
			}
		}
		require.Equal(t, http.StatusUnauthorized, phone.call("GET", "/api/auth/session", nil).StatusCode, "revoked at once")

		old := ada.cookie
		ada.must("POST", "/api/auth/logout", object{})
		ada.cookie = old
		require.Equal(t, http.StatusUnauthorized, ada.call("GET", "/api/auth/session", nil).StatusCode, "the old cookie is dead")

		wrong := ada.call("POST", "/api/auth/login", object{"login": "ada", "password": "something else"})
		unknown := ada.call("POST", "/api/auth/login", object{"login": "nobody", "password": "something else"})
		require.Equal(t, http.StatusUnauthorized, wrong.StatusCode)
		require.Equal(t, wrong.reason(), unknown.reason())
	})
}

func TestTheFirstAdministratorIsMade(t *testing.T) {
	p := startPlatform(t, "one process")
	root := p.browser(t)
	user := root.must("POST", "/api/auth/login", object{"login": "admin@example.com", "password": "correct horse battery"})["user"].(object)
	require.Contains(t, user["roles"], "admin")
}

func TestRevocationClosesOpenStreams(t *testing.T) {
	p := startPlatform(t, "one process")
	ada := p.browser(t)
	ada.register("ada")
	stream := ada.open("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": "Tell me a long story."})
	_, ok := stream.next()
	require.True(t, ok)
	ada.must("POST", "/api/auth/logout", object{})
	events := stream.rest()
	if len(events) > 0 {
		require.NotEqual(t, "done", events[len(events)-1].name, "the stream must end long before the answer does")
	}
}
