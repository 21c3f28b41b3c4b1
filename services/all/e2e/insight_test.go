package e2e

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWhatARunningWorkspaceTells: its figures against their limits, its log, and
// its events, live and from where a reader was cut off.
func TestWhatARunningWorkspaceTells(t *testing.T) {
	ada, _ := tenants(t)
	at := "/api/ide/workspaces/" + ada.workspace
	stats := ada.must("GET", at+"/stats", nil)
	gauge := func(name string) (used, limit int64) {
		t.Helper()
		g := stats[name].(object)
		used, err := strconv.ParseInt(g["used"].(string), 10, 64)
		require.NoError(t, err)
		limit, err = strconv.ParseInt(g["limit"].(string), 10, 64)
		require.NoError(t, err)
		return used, limit
	}
	for _, name := range []string{"cpu", "memory", "storage"} {
		used, limit := gauge(name)
		require.Positive(t, limit, name)
		require.Less(t, used, limit, name)
	}
	used, _ := gauge("memory")
	require.Greater(t, used, int64(10<<20), "VS Code alone takes more")
	used, _ = gauge("storage")
	require.Positive(t, used)
	require.NotEmpty(t, ada.must("GET", at+"/logs", nil)["lines"], "the editor says that it listens")

	all := ada.must("GET", at+"/events", nil)["events"].([]any)
	require.Greater(t, len(all), 3)
	live := ada.open("GET", at+"/events", nil, "Last-Event-ID", all[0].(object)["seq"].(string))
	for _, want := range all[1:] {
		got, ok := live.next()
		require.True(t, ok)
		require.Equal(t, "step", got.name)
		require.Equal(t, want.(object)["seq"], got.data["seq"], "without gaps")
		require.Equal(t, want.(object)["step"], got.data["step"])
	}
	for _, wrong := range []string{"x", "-1", "99999999999999999999"} {
		got := ada.call("GET", at+"/events", nil, "Accept", "text/event-stream", "Last-Event-ID", wrong)
		require.Equal(t, http.StatusBadRequest, got.StatusCode, wrong)
	}
}
