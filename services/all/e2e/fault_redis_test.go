package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/localdb/redis"
	"atrium.internal/pkg/redisdb"
)

// memory is a Redis of the test's own, which can be stopped.
type memory struct {
	t    *testing.T
	dir  string
	url  config.Secret
	halt func(context.Context) error
}

func newMemory(t *testing.T) *memory {
	m := &memory{t: t, dir: filepath.Join(dataDir(t), "redis")}
	m.start()
	t.Cleanup(func() { require.NoError(t, m.halt(context.Background())) })
	return m
}

func (m *memory) start() {
	m.t.Helper()
	url, halt, err := redis.Start(m.t.Context(), redis.Options{Dir: m.dir})
	require.NoError(m.t, err)
	require.True(m.t, m.url == "" || m.url == url, "it comes back where it was")
	m.url, m.halt = url, halt
}

func (m *memory) stop() {
	m.t.Helper()
	require.NoError(m.t, m.halt(m.t.Context()))
	m.halt = func(context.Context) error { return nil }
}

func (m *memory) flush() {
	m.t.Helper()
	client, err := redisdb.Open(m.url)
	require.NoError(m.t, err)
	defer client.Close()
	require.NoError(m.t, client.FlushAll(m.t.Context()).Err())
}

// status is what the caller's own profile answers.
func (b *browser) status() int {
	b.t.Helper()
	return b.call("GET", "/api/users/me", nil).StatusCode
}

// signIn is another device of a registered user.
func (p *platform) signIn(t *testing.T, name string) (b *browser, session string) {
	t.Helper()
	b = p.browser(t)
	b.must("POST", "/api/auth/login", object{"login": name, "password": "a long enough passphrase"})
	return b, b.must("GET", "/api/auth/session", nil)["session"].(object)["id"].(string)
}

// away is for how much longer the test leaves Redis away: ATRIUM_FAULT_REDIS_AWAY,
// such as 60s.
func away(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("ATRIUM_FAULT_REDIS_AWAY")
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err)
	return d
}

// Faults 7 and 8: what Redis held is gone, and then Redis itself.
func TestRedisIsFlushedStoppedAndComesBack(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			m := newMemory(t)
			const attempts = 15
			p := startPlatform(t, mode, "REDIS_URL="+m.url.Reveal(), fmt.Sprintf("ATRIUM_RATE_LIMIT_SIGN_IN=%d", attempts), "ATRIUM_AI_DEMO_WORDS_PER_SECOND=0")
			ada := p.browser(t)
			ada.register("ada")
			lost, lostID := p.signIn(t, "ada")
			kept, _ := p.signIn(t, "ada")
			later, laterID := p.signIn(t, "ada")
			good, _ := ada.token("account")
			bad, badID := ada.token("account")
			for _, device := range []*browser{lost, kept, later, good.browser, bad.browser} {
				device.status() // so that the caches know them
			}
			ada.must("DELETE", "/api/auth/sessions/"+lostID, nil)
			ada.must("DELETE", "/api/auth/tokens/"+badID, nil)
			workspace := ada.must("POST", "/api/ide/workspaces", object{"name": "mine"})["id"].(string)
			standing := func(when string) {
				t.Helper()
				require.Equal(t, http.StatusOK, ada.status(), when)
				require.Equal(t, http.StatusOK, kept.status(), when)
				require.Equal(t, http.StatusUnauthorized, lost.status(), when)
				require.Equal(t, http.StatusUnauthorized, p.browser(t).status(), when)
				require.Equal(t, http.StatusOK, good.call("GET", "/api/users/me", nil).StatusCode, when)
				require.Equal(t, http.StatusUnauthorized, bad.call("GET", "/api/users/me", nil).StatusCode, when)
			}
			standing("before")

			m.flush()
			standing("after a flush nobody is signed out, and nobody comes back")

			m.stop()
			standing("without Redis")
			require.Equal(t, http.StatusOK, later.status())
			ada.must("DELETE", "/api/auth/sessions/"+laterID, nil)
			require.Equal(t, http.StatusUnauthorized, later.status(), "a device can be signed out without Redis")
			answered := ada.must("POST", "/api/chat/conversations/"+ada.conversation()+"/messages", object{"content": "Hello."})
			require.Equal(t, "complete", answered["assistantMessage"].(object)["status"])
			opened := ada.call("POST", "/api/ide/workspaces/"+workspace+"/open", object{})
			require.Contains(t, []int{http.StatusServiceUnavailable, http.StatusConflict}, opened.StatusCode, "%s", opened.body)
			limited := false
			for range 2 * attempts {
				refused := p.browser(t).call("POST", "/api/auth/login", object{"login": "ada", "password": "a wrong passphrase"})
				limited = limited || refused.StatusCode == http.StatusTooManyRequests
			}
			require.True(t, limited, "limits hold without Redis")
			for since := time.Now(); time.Since(since) < away(t); time.Sleep(time.Second) {
				standing("after " + time.Since(since).String() + " without Redis")
			}

			m.start()
			standing("with Redis again")
			require.Equal(t, http.StatusUnauthorized, later.status())
		})
	}
}
