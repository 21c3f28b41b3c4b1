package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// live opens the WebSocket on which a person's conversations are live.
func (b *browser) live(origin string) (*websocket.Conn, *http.Response, error) {
	header := http.Header{"Cookie": {b.cookie}}
	if origin != "" {
		header.Set("Origin", origin)
	}
	url := strings.Replace(b.request("GET", "/chat/ws", nil).URL.String(), "http:", "ws:", 1)
	return websocket.Dial(b.p.t.Context(), url, &websocket.DialOptions{HTTPHeader: header, Host: b.p.host()})
}

// frames reads until one is as wanted.
func frames(t *testing.T, conn *websocket.Conn, wanted func(object) bool) object {
	t.Helper()
	for {
		_, body, err := conn.Read(t.Context())
		require.NoError(t, err)
		var frame object
		require.NoError(t, json.Unmarshal(body, &frame))
		if wanted(frame) {
			return frame
		}
	}
}

func TestAnotherTabIsLive(t *testing.T) {
	forEachMode(t, nil, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		home := p.setting("ATRIUM_PUBLIC_URL")
		tab, _, err := ada.live(home)
		require.NoError(t, err)
		defer func() { _ = tab.CloseNow() }()
		frames(t, tab, func(f object) bool { return f["type"] == "hello" })
		second, _, err := ada.live(home)
		require.NoError(t, err)
		defer func() { _ = second.CloseNow() }()
		frames(t, second, func(f object) bool { return f["type"] == "hello" })
		require.NoError(t, tab.Write(t.Context(), websocket.MessageText, []byte(`{"type":"ping"}`)))
		frames(t, tab, func(f object) bool { return f["type"] == "pong" })

		conversation := ada.conversation()
		sent := ada.must("POST", "/api/chat/conversations/"+conversation+"/messages", object{"content": "hello over there"})
		answer := sent["assistantMessage"].(object)
		var text strings.Builder
		seq := 0
		done := frames(t, tab, func(f object) bool {
			if f["messageId"] != answer["id"] {
				return false
			}
			seq++
			require.EqualValues(t, seq, f["seq"], "without gaps")
			require.Equal(t, conversation, f["conversationId"])
			if f["type"] == "delta" {
				text.WriteString(f["data"].(object)["text"].(string))
			}
			return f["type"] == "done"
		})
		require.Equal(t, answer["content"], text.String())
		require.Equal(t, answer["content"], done["data"].(object)["message"].(object)["content"])

		again := ada.must("POST", "/api/chat/messages/"+answer["id"].(string)+"/regenerate", object{})
		require.NotEqual(t, answer["id"], again["assistantMessage"].(object)["id"])
		for _, change := range []object{
			{"title": "renamed"},
			{"pinned": true},
			{"archived": true},
			{"archived": false},
			{"headMessageId": answer["id"]}, // the other branch is shown again
		} {
			ada.must("PATCH", "/api/chat/conversations/"+conversation, change)
			for _, each := range []*websocket.Conn{tab, second} {
				frames(t, each, func(f object) bool {
					if f["type"] != "conversation" {
						return false
					}
					for name, value := range change {
						// What is false is left out of the JSON.
						if got := f["conversation"].(object)[name]; got != value && (value != false || got != nil) {
							return false
						}
					}
					return true
				})
			}
		}
		ada.must("DELETE", "/api/chat/conversations/"+conversation, nil)
		for _, each := range []*websocket.Conn{tab, second} {
			frames(t, each, func(f object) bool { return f["type"] == "conversationDeleted" && f["conversationId"] == conversation })
		}

		for _, origin := range []string{"", "null", "https://evil.example", "http://x." + p.setting("ATRIUM_IDE_DOMAIN")} {
			_, refused, err := ada.live(origin)
			require.Error(t, err)
			require.Equal(t, http.StatusForbidden, refused.StatusCode, origin)
		}
		_, refused, err := p.browser(t).live(home)
		require.Error(t, err)
		require.Equal(t, http.StatusUnauthorized, refused.StatusCode)

		ada.must("POST", "/api/auth/logout", object{})
		for err = nil; err == nil; {
			_, _, err = tab.Read(t.Context())
		}
		require.Equal(t, websocket.StatusPolicyViolation, websocket.CloseStatus(err))
		require.Contains(t, err.Error(), "SESSION_ENDED")
	})
}
