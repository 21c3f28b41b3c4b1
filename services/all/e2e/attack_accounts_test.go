package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/stretchr/testify/require"
)

// twoFactors turns two-factor authentication on and gives the secret and the
// recovery codes.
func (b *browser) twoFactors() (secret string, recovery []any) {
	b.t.Helper()
	secret = b.must("POST", "/api/auth/totp", object{})["secret"].(string)
	code, err := totp.GenerateCode(secret, time.Now())
	require.NoError(b.t, err)
	return secret, b.must("POST", "/api/auth/totp/confirm", object{"code": code})["recoveryCodes"].([]any)
}

// challenge does the first of two steps of a login.
func (b *browser) challenge(login string, headers ...string) string {
	b.t.Helper()
	got := b.call("POST", "/api/auth/login", object{"login": login, "password": oldPassword}, headers...)
	require.Equal(b.t, http.StatusUnauthorized, got.StatusCode)
	require.Equal(b.t, "TOTP_REQUIRED", got.reason())
	require.Empty(b.t, got.Header.Values("Set-Cookie"))
	return got.object(b.t)["error"].(object)["metadata"].(object)["challenge"].(string)
}

// unlimited is a platform whose throttles are off, so that what is tested is
// what stands behind them.
func unlimited(t *testing.T) *platform {
	t.Helper()
	return startPlatform(t, "one process", "ATRIUM_SIGN_IN_FAILURES=0", "ATRIUM_SIGN_IN_FAILURES_ADDRESS=0", "ATRIUM_RATE_LIMIT_SIGN_IN=0")
}

var requestID = regexp.MustCompile(`"requestId":"[^"]*"`)

func TestAttack01FailedLoginsAreAlike(t *testing.T) {
	p := unlimited(t)
	for _, name := range []string{"known", "sso", "gone"} {
		p.browser(t).register(name)
	}
	db := p.database(t)
	_, err := db.Exec(t.Context(), `UPDATE auth.users SET password_hash = '' WHERE username = 'sso'`)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), `UPDATE auth.users SET is_active = false WHERE username = 'gone'`)
	require.NoError(t, err)

	bodies, quickest := map[string]bool{}, map[string]time.Duration{}
	for range 8 {
		for name, password := range map[string]string{"known": "a wrong guess", "nobody": oldPassword, "sso": oldPassword, "gone": oldPassword} {
			begun := time.Now()
			got := p.browser(t).call("POST", "/api/auth/login", object{"login": name, "password": password})
			took := time.Since(begun)
			require.Equal(t, http.StatusUnauthorized, got.StatusCode)
			bodies[requestID.ReplaceAllString(string(got.body), "")] = true
			if before, ok := quickest[name]; !ok || took < before {
				quickest[name] = took
			}
		}
	}
	require.Len(t, bodies, 1, "one body for all of them")
	for name, took := range quickest { // without the slow hash it would be some twentieth
		require.Greater(t, took, quickest["known"]/3, "%s: %v", name, quickest)
	}

	asked := map[string]bool{}
	for _, name := range []string{"known", "nobody", "sso", "gone"} {
		got := p.browser(t).call("POST", "/api/auth/password/forgot", object{"email": name + "@example.com"})
		asked[fmt.Sprint(got.StatusCode, " ", string(got.body))] = true
	}
	require.Equal(t, map[string]bool{"200 {}": true}, asked)
}

func TestAttack03RotatingForwardedFor(t *testing.T) {
	p := startPlatform(t, "one process", "ATRIUM_SIGN_IN_FAILURES=3", "ATRIUM_RATE_LIMIT_SIGN_IN=0")
	ada := p.browser(t)
	ada.register("ada")
	ada.twoFactors()
	challenge := p.browser(t).challenge("ada")
	for name, try := range map[string]func(headers ...string) answer{
		"login": func(h ...string) answer {
			return p.browser(t).call("POST", "/api/auth/login", object{"login": "ada", "password": "a wrong guess"}, h...)
		},
		"forgot": func(h ...string) answer {
			return p.browser(t).call("POST", "/api/auth/password/forgot", object{"email": "ada@example.com"}, h...)
		},
		"reset": func(h ...string) answer {
			return p.browser(t).call("POST", "/api/auth/password/reset", object{"token": "a guess", "newPassword": newPassword}, h...)
		},
		"code": func(h ...string) answer {
			return p.browser(t).call("POST", "/api/auth/login/totp", object{"challenge": challenge, "code": "000000"}, h...)
		},
	} {
		var last answer
		for i := range 5 {
			forged := fmt.Sprintf("198.51.100.%d", i)
			last = try("X-Forwarded-For", forged, "X-Real-Ip", forged, "Forwarded", "for="+forged)
		}
		require.Equal(t, http.StatusTooManyRequests, last.StatusCode, "%s: %s", name, last.body)
		require.Equal(t, "SIGN_IN_THROTTLED", last.reason(), name)
	}
	require.Equal(t, []string{"127.0.0.1"}, rows(t, p, `SELECT DISTINCT host(ip_address) FROM audit.audit_log
		WHERE event_type IN ('auth.login', 'auth.password') AND ip_address IS NOT NULL`))
}

func TestAttack04ResetLinksIgnoreTheHost(t *testing.T) {
	p := unlimited(t)
	ada := p.browser(t)
	ada.register("ada")
	ask := p.browser(t)
	body := strings.NewReader(`{"email":"ada@example.com"}`)
	got := ask.do(ask.request("POST", "/api/auth/password/forgot", body, "X-Forwarded-Host", "evil.example", "Forwarded", "host=evil.example",
		"X-Forwarded-Proto", "gopher", "X-Original-Host", "evil.example", "X-Host", "evil.example"))
	require.Equal(t, http.StatusOK, got.StatusCode)
	token, _, _ := strings.Cut(p.logs.between(t, p.setting("ATRIUM_PUBLIC_URL")+"/reset#token=", "\n"), `\n`)
	require.NotContains(t, p.logs.String(), "evil.example/reset")

	evil := ask.request("POST", "/api/auth/password/forgot", strings.NewReader(`{"email":"ada@example.com"}`))
	evil.Host = "evil.example"
	ask.do(evil) // whatever is answered
	require.NotContains(t, p.logs.String(), "http://evil.example")

	fresh := p.browser(t)
	fresh.must("POST", "/api/auth/password/reset", object{"token": token, "newPassword": newPassword})
	require.Empty(t, fresh.cookie, "a link signs nobody in")
	require.Equal(t, http.StatusUnauthorized, ada.call("GET", "/api/auth/session", nil).StatusCode, "every session ended")
	fresh.must("POST", "/api/auth/login", object{"login": "ada", "password": newPassword})
	again := fresh.call("POST", "/api/auth/password/reset", object{"token": token, "newPassword": oldPassword})
	require.Equal(t, "RESET_TOKEN_INVALID", again.reason())
}

func TestAttack15OneRecoveryCodeManyUses(t *testing.T) {
	p := unlimited(t)
	ada := p.browser(t)
	ada.register("ada")
	_, recovery := ada.twoFactors()
	challenges := make([]string, 50)
	for i := range challenges {
		challenges[i] = p.browser(t).challenge("ada")
	}
	before := len(rows(t, p, `SELECT id::text FROM auth.sessions`))
	var successes atomic.Int32
	var all sync.WaitGroup
	for _, challenge := range challenges {
		all.Go(func() {
			if p.browser(t).call("POST", "/api/auth/login/totp", object{"challenge": challenge, "code": recovery[0]}).StatusCode == http.StatusOK {
				successes.Add(1)
			}
		})
	}
	all.Wait()
	require.Equal(t, int32(1), successes.Load())
	require.Len(t, rows(t, p, `SELECT id::text FROM auth.sessions`), before+1)
	require.EqualValues(t, 9, ada.must("GET", "/api/users/me", nil)["recoveryCodesLeft"])
}

func TestAttack16ProfilesCarryNoPower(t *testing.T) {
	p := unlimited(t)
	power := object{
		"roles": []string{"user", "admin", "owner"}, "plan": "enterprise", "isActive": false, "is_active": false, "totpEnabled": true,
		"mustChangePassword": true, "email": "root@example.com", "username": "root", "id": "00000000-0000-0000-0000-000000000000",
	}
	ada := p.browser(t)
	ada.register("ada")
	state := func() []string {
		return rows(t, p, `SELECT email || username || roles::text || plan || is_active || must_change_password FROM auth.users ORDER BY id`)
	}
	before := state()
	for name, value := range power {
		for _, body := range []object{
			{"fullName": "Ada", name: value}, {name: value}, {"user": object{name: value}}, {"settings": object{name: value}},
		} {
			require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, ada.call("PATCH", "/api/users/me", body).StatusCode, name)
			require.Equal(t, before, state(), name)
		}
	}
	for i, name := range slices.Sorted(maps.Keys(power)) {
		who := fmt.Sprintf("eve%d", i)
		body := object{"fullName": "Eve", name: power[name]}
		for key, value := range map[string]string{"email": who + "@example.com", "username": who, "password": oldPassword} {
			body[key] = value
		}
		require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, p.browser(t).call("POST", "/api/auth/register", body).StatusCode, name)
	}
	require.Equal(t, []string{"{user} free true false"}, rows(t, p, `SELECT DISTINCT roles::text || ' ' || plan || ' ' || is_active || ' ' || must_change_password
		FROM auth.users WHERE username LIKE 'eve%' OR username = 'ada'`))
}
