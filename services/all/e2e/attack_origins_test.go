package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAttack04EvilHostIsNotBelieved(t *testing.T) {
	p := attacked(t)
	ada := p.browser(t)
	ada.register("ada04")
	for _, path := range []string{"/", "/api/users/me", "/api/auth/login", "/login"} {
		r := ada.request("GET", path, nil)
		r.Host = "evil.example"
		refused := ada.do(r)
		require.Equal(t, http.StatusNotFound, refused.StatusCode, path)
		require.NotContains(t, string(refused.body), "evil.example")
	}
	id := ada.must("POST", "/api/ide/workspaces", object{"name": "mine"})["id"].(string)
	evil := []string{"X-Forwarded-Host", "evil.example", "X-Host", "evil.example", "Forwarded", "host=evil.example", "X-Original-Host", "evil.example"}
	for _, path := range []string{"/api/users/me", "/api/ide/workspaces/" + id} {
		answered := ada.call("GET", path, nil, evil...)
		require.Equal(t, http.StatusOK, answered.StatusCode)
		require.NotContains(t, string(answered.body), "evil.example")
	}
	r := ada.request("GET", "/chat", nil, evil...)
	r.Host = fmt.Sprintf("127.0.0.1:%d", p.port)
	moved := ada.do(r)
	require.Equal(t, "http://"+p.host()+"/chat", moved.Header.Get("Location"), "links name the configured address")
}

// facts is what other people's accounts consist of.
func (p *platform) facts(t *testing.T) []string {
	t.Helper()
	return rows(t, p, `SELECT id::text || password_hash || roles::text || plan || is_active FROM auth.users
		UNION ALL SELECT id::text FROM auth.sessions UNION ALL SELECT id::text || desired FROM ide.ide_workspaces ORDER BY 1`)
}

func TestAttack08CrossOriginMutationsAreRefused(t *testing.T) {
	p := attacked(t)
	ada := personOf(t, p, "ada08")
	origins := map[string][]string{
		"cross-site":            {"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"},
		"cross-site, no Origin": {"Sec-Fetch-Site", "cross-site"},
		"same-site":             {"Sec-Fetch-Site", "same-site"},
		"null":                  {"Origin", "null", "Sec-Fetch-Site", "cross-site"},
		"null, old browser":     {"Origin", "null", "Sec-Fetch-Site", ""},
		"a workspace":           {"Origin", "http://abc." + p.setting("ATRIUM_IDE_DOMAIN"), "Sec-Fetch-Site", "same-site"},
		"workspace, old":        {"Origin", "http://abc." + p.setting("ATRIUM_IDE_DOMAIN"), "Sec-Fetch-Site", ""},
		"neither":               {"Sec-Fetch-Site", ""},
	}
	before, facts := ada.state(), p.facts(t)
	for _, r := range everyRoute(t) {
		if !r.changes() {
			continue
		}
		for _, kind := range []string{"application/json", "text/plain", "application/x-www-form-urlencoded"} {
			for name, headers := range origins {
				request := ada.request(r.method, ada.own(r), strings.NewReader(r.body(t)), append(headers, "Content-Type", kind)...)
				got := ada.do(request)
				require.Equal(t, http.StatusForbidden, got.StatusCode, "%s %s from %s as %s: %s", r.method, r.path, name, kind, got.body)
			}
			if kind != "application/json" && r.hasBody && !r.raw {
				got := ada.do(ada.request(r.method, ada.own(r), strings.NewReader(r.body(t)), "Content-Type", kind))
				require.Equal(t, http.StatusBadRequest, got.StatusCode, "%s %s as %s: %s", r.method, r.path, kind, got.body)
			}
		}
	}
	require.Equal(t, before, ada.state())
	require.Equal(t, facts, p.facts(t))
}

func TestAttack10ReadingChangesNothing(t *testing.T) {
	p := attacked(t)
	ada := personOf(t, p, "ada10")
	before, facts := ada.state(), p.facts(t)
	for _, r := range everyRoute(t) {
		if !r.changes() {
			continue
		}
		for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
			for _, query := range []string{"", "?_method=" + r.method + "&name=planted&title=planted&content=planted&fullName=planted&email=new@example.com"} {
				ada.do(ada.request(method, ada.own(r)+query, nil, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate",
					"X-HTTP-Method-Override", r.method, "X-HTTP-Method", r.method, "X-Method-Override", r.method))
			}
		}
	}
	require.Equal(t, before, ada.state())
	require.Equal(t, facts, p.facts(t))
}
