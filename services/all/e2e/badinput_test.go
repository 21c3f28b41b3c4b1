package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/proto"
)

// route is one of the contract's.
type route struct {
	method, path string
	hasBody      bool
	// raw says that the body is a file of any kind, as only PUTs have it: none is bad.
	raw bool
}

// routes reads every route out of the OpenAPI document, so that a new one is
// tested as soon as it is described.
func routes(t *testing.T) []route {
	t.Helper()
	var document struct {
		Paths map[string]map[string]struct{ RequestBody json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(proto.OpenAPI, &document))
	var all []route
	for path, methods := range document.Paths {
		for method, operation := range methods {
			raw := method == "put" && strings.Contains(string(operation.RequestBody), `"binary"`)
			r := route{strings.ToUpper(method), path, operation.RequestBody != nil, raw}
			if !takesAnything[r.method+" "+r.path] {
				all = append(all, r)
			}
		}
	}
	require.Greater(t, len(all), 30)
	return all
}

// takesAnything are the routes that have nothing to refuse.
var takesAnything = map[string]bool{
	"GET /api/openapi.json": true, "POST /api/auth/logout": true, "POST /api/auth/totp": true, "POST /api/admin/isolation/check": true,
	// They answer browsers with redirects; oidc_test.go has what they refuse.
	"GET /api/auth/oidc/{provider}": true, "GET /api/auth/oidc/{provider}/callback": true,
	// They answer in shapes of their own; wire_test.go has what they refuse.
	"POST /api/ai/anthropic/v1/messages": true, "POST /api/ai/anthropic/v1/messages/count_tokens": true,
	"GET /api/ai/anthropic/v1/models": true, "GET /api/ai/anthropic/v1/models/{model}": true,
	"POST /api/ai/openai/v1/chat/completions": true, "GET /api/ai/openai/v1/models": true, "GET /api/ai/openai/v1/models/{model}": true,
}

// withID fills every parameter of a path that is an id.
func (r route) withID(id string) string {
	path := strings.Replace(r.path, "{port}", "3000", 1)
	for {
		before, rest, found := strings.Cut(path, "{")
		if !found {
			return path
		}
		_, after, _ := strings.Cut(rest, "}")
		path = before + id + after
	}
}

// requireShape holds an error to the contract's shape.
func requireShape(t *testing.T, a answer) {
	t.Helper()
	var body struct {
		Error *struct {
			Code      int
			Status    string
			Reason    string
			Message   string
			RequestID string `json:"requestId"`
		}
	}
	require.NoError(t, json.Unmarshal(a.body, &body), "%s", a.body)
	require.NotNil(t, body.Error, "%s", a.body)
	require.Equal(t, a.StatusCode, body.Error.Code)
	require.NotEmpty(t, body.Error.Status)
	require.NotEmpty(t, body.Error.Reason)
	require.NotEmpty(t, body.Error.Message)
	require.NotEmpty(t, body.Error.RequestID)
	require.Less(t, a.StatusCode, 500, "%s", a.body)
	for _, inside := range []string{"goroutine", ".go:", "pgx", "SQLSTATE", "rpc error", "proto:"} {
		require.NotContains(t, string(a.body), inside)
	}
}

func TestBadInputIsRefusedInOneShape(t *testing.T) {
	p := startPlatform(t, "one process")
	ada := p.browser(t)
	ada.register("ada")
	nobody, admin := p.browser(t), p.administrator(t)
	tooLarge := strings.Repeat("x", 11<<20)
	deep := strings.Repeat(`{"metadata":`, 20000)

	for _, r := range routes(t) {
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			query := needs[r.method+" "+r.path]
			unknown, level, ada := r.withID(uuid.NewString())+query, r.rule(t).level, ada
			if level == "admin" {
				ada = admin
			}
			if level != "anonymous" && r.method == http.MethodGet {
				a := nobody.call(r.method, unknown, nil)
				require.Equal(t, http.StatusUnauthorized, a.StatusCode, "%s", a.body)
				requireShape(t, a)
			}
			if strings.Contains(r.path, "{") {
				body := any(nil)
				if r.hasBody {
					body = object{"content": "x"}
				}
				if strings.HasSuffix(r.path, "/files/move") || strings.HasSuffix(r.path, "/directories") || strings.HasSuffix(r.path, "/windows/files") || strings.HasPrefix(r.path, "/api/admin/announcements/") {
					body = bodies[r.method+" "+r.path]
				}
				a := ada.call(r.method, unknown, body)
				require.Equal(t, http.StatusNotFound, a.StatusCode, "an id that nothing has: %s", a.body)
				requireShape(t, a)
				for _, id := range []string{"1", "not-a-uuid", "%00", "..%2f..%2fetc", strings.Repeat("a", 5000), "'%20OR%201=1"} {
					a := ada.call(r.method, r.withID(id)+query, body)
					require.Contains(t, []int{http.StatusBadRequest, http.StatusNotFound, http.StatusUnauthorized}, a.StatusCode, "%s: %s", id, a.body)
					requireShape(t, a)
				}
			}
			if !r.hasBody || r.raw { // files_test.go has what files are refused for
				return
			}
			for name, body := range map[string]string{
				"broken": `{"a":`, "not an object": `[1,2]`, "a string": `"x"`, "deep": deep,
				"wrong types": `{"email":1,"login":{},"content":{},"title":[],"name":7,"code":false,"id":3,"pinned":"maybe","settings":4,"messages":"x","error":[],"password":7,"plans":3,"roles":8,"token":[],"challenge":{},"newPassword":5}`,
				"not UTF-8":   "{\"content\":\"\xff\xfe\",\"title\":\"\xff\",\"name\":\"\xff\",\"login\":\"\xff\",\"email\":\"\xff\",\"code\":\"\xff\",\"error\":\"\xff\",\"fullName\":\"\xff\",\"password\":\"\xff\",\"plan\":\"\xff\"}",
			} {
				a := ada.do(ada.request(r.method, unknown, strings.NewReader(body)))
				require.GreaterOrEqual(t, a.StatusCode, 400, "%s: %s", name, a.body)
				requireShape(t, a)
			}
			a := ada.do(ada.request(r.method, unknown, io.LimitReader(strings.NewReader(tooLarge), 11<<20)))
			require.Equal(t, http.StatusRequestEntityTooLarge, a.StatusCode, "%s", a.body)
			requireShape(t, a)
		})
	}
	require.NotContains(t, p.logs.String(), "level=ERROR", "nothing of this is the server's own fault")
}

func TestFieldsThatAreWrongAreNamed(t *testing.T) {
	p := startPlatform(t, "one process")
	ada := p.browser(t)
	refused := ada.call("POST", "/api/auth/register", object{"email": "no address", "username": "x", "password": "short"})
	require.Equal(t, http.StatusBadRequest, refused.StatusCode)
	fields := refused.object(t)["error"].(object)["fields"].(object)
	for _, name := range []string{"email", "username", "password"} {
		require.Contains(t, fields, name)
	}
	ada.register("ada")
	taken := p.browser(t).call("POST", "/api/auth/register", object{
		"email": "ADA@example.com", "username": "ada2", "password": "a long enough passphrase",
	})
	require.Equal(t, http.StatusConflict, taken.StatusCode)
	require.Contains(t, taken.object(t)["error"].(object)["fields"], "email")

	ada.must("POST", "/api/ide/workspaces", object{"name": "one"})
	again := ada.call("POST", "/api/ide/workspaces", object{"name": "one"})
	require.Equal(t, http.StatusConflict, again.StatusCode)
	require.Equal(t, "WORKSPACE_EXISTS", again.reason())

	for _, token := range []string{"xyz", "AAAA"} {
		a := ada.call("GET", "/api/chat/conversations?pageToken="+token, nil)
		require.Equal(t, http.StatusBadRequest, a.StatusCode)
	}
	require.Equal(t, http.StatusBadRequest, ada.call("GET", "/api/chat/conversations?pageSize=201", nil).StatusCode)
	changed := ada.must("PATCH", "/api/users/me", object{"fullName": "Ada", "roles": []string{"admin"}, "plan": "enterprise", "isActive": false})
	require.Equal(t, []any{"user"}, changed["roles"])
	require.Equal(t, "free", changed["plan"])
}

func TestTheRequestBodyMustBeWhole(t *testing.T) {
	p := startPlatform(t, "one process")
	r := p.browser(t).request("POST", "/api/auth/login", bytes.NewReader(nil))
	a := p.browser(t).do(r)
	require.Equal(t, http.StatusBadRequest, a.StatusCode)
	requireShape(t, a)
}
