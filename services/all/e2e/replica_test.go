package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/pgtest"
)

// withReplica are settings of a platform whose database has a streaming replica.
func withReplica(t *testing.T) (env []string, pair *pgtest.Pair) {
	pair = pgtest.NewPair(t)
	return []string{
		"DATABASE_URL=" + pair.Primary.Reveal(), "DATABASE_READ_URL=" + pair.Replica.Reveal(), "ATRIUM_DATABASE_READ_LAG=2s",
	}, pair
}

// depends gives what /readyz of a program says of a dependency.
func (p *platform) depends(t *testing.T, setting, dependency string) string {
	t.Helper()
	response, err := http.Get("http://" + p.setting(setting) + "/readyz")
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	var said struct{ Dependencies map[string]string }
	require.NoError(t, json.NewDecoder(response.Body).Decode(&said))
	return said.Dependencies[dependency]
}

// requireReplica holds a platform to reading from its replica what may be a
// little old, and to doing without.
func requireReplica(t *testing.T, p *platform, pair *pgtest.Pair, admin *browser) {
	t.Helper()
	look := func() string {
		admin.must("GET", "/api/admin/overview", nil)
		return fmt.Sprint(admin.must("GET", "/api/admin/audit", nil))
	}
	says := func(what string) {
		t.Helper()
		for _, program := range []string{"AUTH", "AI", "IDE"} {
			eventually(t, program+" says "+what, func() error {
				if said := p.depends(t, "ATRIUM_"+program+"_METRICS_LISTEN", "postgres replica"); said != what {
					return fmt.Errorf("%q", said)
				}
				return nil
			})
		}
	}
	says("ok")
	for _, service := range []string{"auth", "ai", "ide"} {
		p.requireMoves(func() { look() }, "database_reads_total", "service", service, "server", "replica")
	}
	id := p.browser(t).register("paused")["id"].(string)
	eventually(t, "the replica has who registered", func() error {
		if said := look(); !strings.Contains(said, id) {
			return fmt.Errorf("%.300s", said)
		}
		return nil
	})

	pair.Pause()
	says("behind")
	id = p.browser(t).register("behind")["id"].(string)
	require.Contains(t, look(), id, "the primary answers at once")
	pair.Resume()
	says("ok")

	pair.Kill()
	for range 5 {
		look()
	}
	says("down")
	eventually(t, "what the replica had grows old", func() error {
		if lag := p.metric("database_replica_lag_seconds", "service", "auth"); lag < 3 {
			return fmt.Errorf("%v s", lag)
		}
		return nil
	})
	look()
}
