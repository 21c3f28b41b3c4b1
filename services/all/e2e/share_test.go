package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALinkIsShutWhileItsOwnerIsSuspended(t *testing.T) {
	forEachMode(t, []string{"ATRIUM_RATE_LIMIT_SHARED=8", "ATRIUM_AI_DEMO_WORDS_PER_SECOND=0"}, func(t *testing.T, p *platform) {
		ada, admin, reader := p.browser(t), p.browser(t), p.browser(t)
		id := ada.register("ada")["id"].(string)
		admin.must("POST", "/api/auth/login", object{"login": "admin@example.com", "password": "correct horse battery"})
		conversation := ada.conversation()
		file := ada.upload("secret name.txt", "quince")["id"]
		ada.must("POST", "/api/chat/conversations/"+conversation+"/messages", object{"content": "Tell me a long story about this.", "attachments": []any{file}})
		path := "/api/chat/shared/" + ada.must("POST", "/api/chat/conversations/"+conversation+"/share", object{})["token"].(string)

		shown := reader.call("GET", path, nil)
		require.Equal(t, http.StatusOK, shown.StatusCode, "%s", shown.body)
		require.Equal(t, "noindex", shown.Header.Get("X-Robots-Tag"))
		require.NotContains(t, string(shown.body), id, "nobody is told whose it is")
		require.NotContains(t, string(shown.body), "secret name")
		messages := shown.object(t)["messages"].([]any)
		require.Equal(t, []any{"text"}, messages[0].(object)["attachmentKinds"])

		admin.must("PATCH", "/api/admin/users/"+id, object{"isActive": false})
		shut := reader.call("GET", path, nil)
		require.Equal(t, http.StatusNotFound, shut.StatusCode)
		require.Equal(t, "SHARE_NOT_FOUND", shut.reason())
		admin.must("PATCH", "/api/admin/users/"+id, object{"isActive": true})
		reader.must("GET", path, nil)

		limited := false
		for range 8 {
			limited = limited || reader.call("GET", path, nil).StatusCode == http.StatusTooManyRequests
		}
		require.True(t, limited, "links have a limit of their own")
		require.Equal(t, http.StatusOK, reader.call("GET", "/api/auth/providers", nil).StatusCode, "which is for them alone")
	})
}
