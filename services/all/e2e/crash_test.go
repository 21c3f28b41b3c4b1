package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAKilledPlatformKeepsWhatItShowed(t *testing.T) {
	forEachMode(t, nil, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		conversation := ada.conversation()
		stream := ada.open("POST", "/api/chat/conversations/"+conversation+"/messages", object{"content": "Tell me a long story."})
		var shown []event
		for len(shown) < 12 {
			e, ok := stream.next()
			require.True(t, ok)
			shown = append(shown, e)
		}
		victim := map[string]string{"one process": "atrium", "services": "chatd"}[p.mode]
		p.kill(victim)
		shown = append(shown, stream.rest()...)
		p.start()

		path := "/api/chat/conversations/" + conversation + "/messages"
		var answer object
		eventually(t, "the answer is marked interrupted", func() error {
			messages := ada.must("GET", path, nil)["messages"].([]any)
			if len(messages) != 2 {
				return fmt.Errorf("%d messages", len(messages))
			}
			require.Equal(t, "Tell me a long story.", messages[0].(object)["content"])
			answer = messages[1].(object)
			if answer["status"] != "interrupted" {
				return fmt.Errorf("status %v", answer["status"])
			}
			return nil
		}, p.logs)
		require.True(t, strings.HasPrefix(answer["content"].(string), text(shown)),
			"shown: %q\nkept: %q", text(shown), answer["content"])

		again := ada.open("POST", "/api/chat/messages/"+answer["id"].(string)+"/regenerate", object{})
		first, ok := again.next()
		require.True(t, ok)
		require.Equal(t, "start", first.name, "it can be asked again")
		ada.must("POST", "/api/chat/messages/"+first.data["assistantMessage"].(object)["id"].(string)+"/stop", object{})
	})
}
