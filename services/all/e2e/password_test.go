package e2e

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

const (
	oldPassword = "a long enough passphrase"
	newPassword = "another, longer passphrase"
)

func TestChangingThePasswordEndsTheOtherSessions(t *testing.T) {
	forEachMode(t, nil, func(t *testing.T, p *platform) {
		ada, phone := p.browser(t), p.browser(t)
		ada.register("ada")
		phone.must("POST", "/api/auth/login", object{"login": "ada", "password": oldPassword})

		wrong := ada.call("POST", "/api/auth/password", object{"currentPassword": "not this one", "newPassword": newPassword})
		require.Equal(t, http.StatusBadRequest, wrong.StatusCode)
		require.Equal(t, "PASSWORD_WRONG", wrong.reason())
		same := ada.call("POST", "/api/auth/password", object{"currentPassword": oldPassword, "newPassword": oldPassword})
		require.Equal(t, "PASSWORD_UNCHANGED", same.reason())
		common := ada.call("POST", "/api/auth/password", object{"currentPassword": oldPassword, "newPassword": "Password123"})
		require.Equal(t, "PASSWORD_TOO_COMMON", common.reason())
		require.Equal(t, http.StatusOK, phone.call("GET", "/api/auth/session", nil).StatusCode, "a refused change ends nothing")

		ada.must("POST", "/api/auth/password", object{"currentPassword": oldPassword, "newPassword": newPassword})
		require.Equal(t, http.StatusOK, ada.call("GET", "/api/auth/session", nil).StatusCode)
		require.Equal(t, http.StatusUnauthorized, phone.call("GET", "/api/auth/session", nil).StatusCode)
		require.Equal(t, http.StatusUnauthorized, phone.call("POST", "/api/auth/login", object{"login": "ada", "password": oldPassword}).StatusCode)
		phone.must("POST", "/api/auth/login", object{"login": "ada", "password": newPassword})
		require.Equal(t, []string{"failure", "success"}, rows(t, p, `SELECT status FROM audit.audit_log WHERE event_type = 'auth.password' ORDER BY id`))
	})
}

func TestAMadeUpPasswordIsToBeChanged(t *testing.T) {
	p := startPlatform(t, "one process", "ATRIUM_ADMIN_PASSWORD=")
	password := p.logs.between(t, "One-time password:", "\n")
	root := p.browser(t)
	user := root.must("POST", "/api/auth/login", object{"login": "admin@example.com", "password": password})["user"].(object)
	require.Equal(t, true, user["mustChangePassword"])
	require.Equal(t, object{}, user["settings"])
	require.Equal(t, true, root.must("GET", "/api/auth/session", nil)["user"].(object)["mustChangePassword"])
	for _, r := range everyRoute(t) {
		rule := r.rule(t)
		if rule.level == "anonymous" || rule.level == "signed_in" {
			continue
		}
		var body io.Reader
		if text := r.body(t); text != "" {
			body = strings.NewReader(text)
		}
		var headers []string
		if r.path == "/api/chat/attachments" {
			headers = []string{"Content-Type", "application/octet-stream"}
		}
		got := root.do(root.request(r.method, r.withID(uuid.NewString())+needs[r.method+" "+r.path], body, headers...))
		require.Equal(t, http.StatusForbidden, got.StatusCode, "%s %s: %s", r.method, r.path, got.body)
		require.Equal(t, "PASSWORD_CHANGE_REQUIRED", got.reason(), "%s %s", r.method, r.path)
	}
	_, refused, err := root.live(p.setting("ATRIUM_PUBLIC_URL"))
	require.Error(t, err)
	require.Equal(t, http.StatusForbidden, refused.StatusCode)
	root.must("POST", "/api/auth/password", object{"currentPassword": password, "newPassword": newPassword})
	require.Equal(t, false, root.must("GET", "/api/auth/session", nil)["user"].(object)["mustChangePassword"])
	require.Equal(t, http.StatusUnauthorized, root.call("POST", "/api/auth/login", object{"login": "admin", "password": password}).StatusCode)
}

func TestGuessingIsHeldUpWithoutLockingAnybodyOut(t *testing.T) {
	p := startPlatform(t, "one process", "ATRIUM_TRUSTED_PROXIES=1", "ATRIUM_SIGN_IN_FAILURES=3", "ATRIUM_SIGN_IN_FAILURES_ADDRESS=8")
	p.browser(t).register("ada")
	login := func(address, login, password string) answer {
		return p.browser(t).call("POST", "/api/auth/login", object{"login": login, "password": password}, "X-Forwarded-For", address)
	}
	const attacker, owner = "198.51.100.1", "203.0.113.9"
	for _, name := range []string{"ada", "nobody"} { // alike, whether the account is there or not
		for range 3 {
			require.Equal(t, http.StatusUnauthorized, login(attacker, name, "a wrong guess").StatusCode)
		}
		got := login(attacker, name, oldPassword)
		require.Equal(t, http.StatusTooManyRequests, got.StatusCode)
		require.Equal(t, "SIGN_IN_THROTTLED", got.reason())
		wait, err := strconv.Atoi(got.Header.Get("Retry-After"))
		require.NoError(t, err)
		require.InDelta(t, 600, wait, 30)
	}
	require.Equal(t, http.StatusOK, login(owner, "ada", oldPassword).StatusCode, "the owner is elsewhere and not held up")

	for range 2 {
		login(attacker, "somebody", "a wrong guess")
	}
	require.Equal(t, http.StatusTooManyRequests, login(attacker, "yet another", "a wrong guess").StatusCode, "the address has had its share")
	require.Equal(t, http.StatusTooManyRequests, login("10.0.0.1, "+attacker, "yet another", "x").StatusCode, "what a client writes itself is no address")

	for range 3 { // a right password forgets the wrong ones before it
		require.Equal(t, http.StatusUnauthorized, login(owner, "ada", "a typo").StatusCode)
		require.Equal(t, http.StatusUnauthorized, login(owner, "ada", "a typo").StatusCode)
		require.Equal(t, http.StatusOK, login(owner, "ada", oldPassword).StatusCode)
	}
}

// Row 5 of the attacks: a cookie that was there before signing in.
func TestAttack05PresetCookie(t *testing.T) {
	p := startPlatform(t, "one process")
	ada := p.browser(t)
	ada.register("ada")
	planted := ada.cookie
	eve := p.browser(t)
	eve.register("eve")

	ada.must("POST", "/api/auth/login", object{"login": "ada", "password": oldPassword})
	require.NotEqual(t, planted, ada.cookie)
	require.Equal(t, http.StatusOK, ada.call("GET", "/api/auth/session", nil).StatusCode)
	old := p.browser(t)
	old.cookie = planted
	require.Equal(t, http.StatusUnauthorized, old.call("GET", "/api/auth/session", nil).StatusCode, "the session from before is dead")

	victim := p.browser(t)
	victim.cookie = eve.cookie // planted by somebody else
	user := victim.must("POST", "/api/auth/login", object{"login": "ada", "password": oldPassword})["user"].(object)
	require.Equal(t, "ada", user["username"])
	require.NotEqual(t, eve.cookie, victim.cookie)

	invented := p.browser(t)
	invented.cookie = "__Host-atrium_session=chosen-by-an-attacker"
	invented.must("POST", "/api/auth/login", object{"login": "ada", "password": oldPassword})
	require.NotEqual(t, "__Host-atrium_session=chosen-by-an-attacker", invented.cookie)
}

// Row 16 of the attacks: what only an administrator may set, in a profile.
func TestAttack16MassAssignment(t *testing.T) {
	p := startPlatform(t, "one process")
	ada := p.browser(t)
	want := object{"roles": []any{"user"}, "plan": "free", "isActive": true, "mustChangePassword": false}
	check := func(user object) {
		t.Helper()
		for name, value := range want {
			require.Equal(t, value, user[name], name)
		}
	}
	evil := object{
		"roles": []string{"user", "admin"}, "plan": "enterprise", "isActive": false, "is_active": false,
		"mustChangePassword": true, "id": "00000000-0000-0000-0000-000000000000", "email": "other@example.com",
	}
	registration := object{"email": "ada@example.com", "username": "ada", "password": oldPassword}
	for name, value := range evil {
		if _, given := registration[name]; !given {
			registration[name] = value
		}
	}
	check(ada.must("POST", "/api/auth/register", registration)["user"].(object))
	ada.call("PATCH", "/api/users/me", evil)
	ada.call("PATCH", "/api/users/me", object{"user": evil, "fullName": "Ada"})
	ada.call("PATCH", "/api/users/me", object{"settings": evil})
	me := ada.must("GET", "/api/users/me", nil)
	check(me)
	require.Equal(t, "ada@example.com", me["email"])
	check(ada.must("GET", "/api/auth/session", nil)["user"].(object))
}
