package e2e

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAnAdministratorSeesThePlatformAtALook(t *testing.T) {
	p := startPlatform(t, "services", "ATRIUM_AI_DEMO_WORDS_PER_SECOND=0")
	ada, admin := p.browser(t), p.administrator(t)
	ada.register("ada")
	ada.must("POST", "/api/ai/chat", object{"messages": []object{{"role": "user", "content": "Hello."}}})
	ada.must("POST", "/api/ide/workspaces", object{"name": "one"})
	require.Equal(t, 403, ada.call("GET", "/api/admin/overview", nil).StatusCode)

	all := admin.must("GET", "/api/admin/overview", nil)
	require.Equal(t, object{"auth": "ok", "chat": "ok", "ide": "ok", "ide streams": "ok", "ai": "ok", "redis": "ok"}, all["services"])
	users := all["users"].(object)
	require.InDelta(t, 2, users["total"], 0)
	require.InDelta(t, 2, users["active"], 0)
	require.InDelta(t, 0, users["suspended"], 0)
	days := users["registrations"].([]any)
	require.Len(t, days, 30)
	require.Equal(t, time.Now().UTC().Format(time.DateOnly), days[29].(object)["day"])
	require.InDelta(t, 2, days[29].(object)["count"], 0)
	require.InDelta(t, 1, all["workspaces"].(object)["total"], 0)
	usage := all["usage"].([]any)
	require.Len(t, usage, 30)
	require.InDelta(t, 1, usage[29].(object)["requests"], 0)
	require.NotZero(t, usage[29].(object)["tokens"])
	provider := all["providers"].([]any)[0].(object)
	require.Equal(t, "demo", provider["name"])
	require.Equal(t, "ok", provider["state"])
	require.NotEmpty(t, provider["models"])

	p.kill("ided")
	eventually(t, "the overview does without the service that is away", func() error {
		all = admin.must("GET", "/api/admin/overview", nil)
		if said := all["services"].(object); said["ide"] == "ok" || said["ide streams"] == "ok" {
			return errors.New("still there")
		}
		return nil
	})
	require.Nil(t, all["workspaces"])
	require.NotNil(t, all["users"])
	require.NotNil(t, all["usage"])
}
