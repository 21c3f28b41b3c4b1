package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSignInAtAProvider(t *testing.T) {
	i := newIdentityProvider(t)
	forEachMode(t, i.settings(), func(t *testing.T, p *platform) {
		i := &identityProvider{t: t, url: i.url, port: i.port}
		ada := p.visitor(t)
		away := ada.visit("/api/auth/oidc/sso", "same-origin")
		require.Equal(t, "/login?error=PROVIDER_UNAVAILABLE", away.Header.Get("Location"), "the platform runs without its provider")
		i.start(p, somebody{"ada", "ada@example.org", true}, somebody{"eve", "eve@example.org", false})

		known := ada.must("GET", "/api/auth/providers", nil)
		require.Equal(t, []any{object{"id": "sso", "displayName": "Example"}}, known["providers"])
		require.Equal(t, true, known["registrationOpen"])
		require.Equal(t, "/chat", ada.enter(i, "ada", "/chat"))
		p.requireEntry(t, ada.last, "a login at a provider")
		first := ada.who()
		require.Equal(t, "ada@example.org", first["email"])
		require.Equal(t, "ada", first["username"])
		require.Equal(t, "ada Example", first["fullName"])
		require.Equal(t, false, first["hasPassword"])
		require.NotNil(t, ada.must("GET", "/api/chat/conversations", nil), "it is an account as any other")

		old := ada.cookie
		require.Equal(t, "/", ada.enter(i, "ada", ""))
		require.NotEqual(t, old, ada.cookie)
		require.Equal(t, first["id"], ada.who()["id"])
		before := p.browser(t)
		before.cookie = old
		require.Equal(t, http.StatusUnauthorized, before.call("GET", "/api/auth/session", nil).StatusCode, "the session before has ended")

		for _, password := range []string{"a long enough passphrase", issuerPassword} {
			refused := p.browser(t).call("POST", "/api/auth/login", object{"login": "ada", "password": password})
			require.Equal(t, "INVALID_CREDENTIALS", refused.reason(), "it has no password here")
		}
		only := ada.must("GET", "/api/auth/identities", nil)["identities"].([]any)
		require.Len(t, only, 1)
		refused := ada.call("DELETE", "/api/auth/identities/"+only[0].(object)["id"].(string), nil)
		require.Equal(t, "LAST_LOGIN", refused.reason())
		require.Equal(t, http.StatusPreconditionFailed, refused.StatusCode)
		for _, secret := range []string{issuerSecret, issuerPassword} {
			require.NotContains(t, p.logs.String(), secret)
		}
	})
}

func TestLinkALoginAndUnlinkIt(t *testing.T) {
	i := newIdentityProvider(t)
	p := startPlatform(t, "one process", i.settings()...)
	i.start(p, somebody{"lovelace", "ada@example.com", true})
	ada, elsewhere := p.visitor(t), p.visitor(t)
	id := ada.register("ada")["id"]

	require.Equal(t, "/login?error=ACCOUNT_EXISTS", elsewhere.enter(i, "lovelace", "/chat"), "the address alone links nothing")
	require.Nil(t, elsewhere.who())

	begun := ada.call("POST", "/api/auth/oidc/sso/link", object{})
	require.Equal(t, http.StatusOK, begun.StatusCode, "%s", begun.body)
	require.NotContains(t, begun.object(t), "binding")
	ada.keep(begun)
	cookie := ada.cookie
	require.Equal(t, "/settings", ada.come(i.signIn(begun.object(t)["url"].(string), "lovelace")))
	p.requireEntry(t, ada.last, "a link")
	require.Equal(t, cookie, ada.cookie, "linking signs nobody in")
	linked := ada.must("GET", "/api/auth/identities", nil)["identities"].([]any)
	require.Len(t, linked, 1)
	require.Equal(t, "ada@example.com", linked[0].(object)["name"])

	require.Equal(t, "/ide", elsewhere.enter(i, "lovelace", "/ide"))
	require.Equal(t, id, elsewhere.who()["id"])

	bob := p.visitor(t)
	bob.register("bob")
	begun = bob.call("POST", "/api/auth/oidc/sso/link", object{})
	bob.keep(begun)
	require.Equal(t, "/settings?error=LOGIN_LINKED_ELSEWHERE", bob.come(i.signIn(begun.object(t)["url"].(string), "lovelace")))

	unlinked := ada.call("DELETE", "/api/auth/identities/"+linked[0].(object)["id"].(string), nil)
	require.Equal(t, http.StatusOK, unlinked.StatusCode, "%s", unlinked.body)
	p.requireEntry(t, unlinked, "the end of a link")
	require.Equal(t, "/login?error=ACCOUNT_EXISTS", elsewhere.enter(i, "lovelace", "/chat"))
}

func TestNobodyIsSignedInByAnAddress(t *testing.T) {
	i := newIdentityProvider(t)
	p := startPlatform(t, "one process", i.settings()...)
	i.start(p, somebody{"eve", "eve@example.org", true})
	eve, ada := p.visitor(t), p.visitor(t)

	// Eve signs in at the provider and gives Ada the address that she is sent to.
	address := i.signIn(eve.depart("/chat"), "eve")
	require.Equal(t, "/login?error=SIGN_IN_EXPIRED", ada.come(address), "without a binding")
	ada.depart("/chat")
	require.Equal(t, "/login?error=SIGN_IN_EXPIRED", ada.come(address), "with the binding of a login of her own")
	require.Nil(t, ada.who())
	require.Empty(t, ada.cookie)

	binding := eve.binding
	require.Equal(t, "/chat", eve.come(address))
	eve.binding, eve.cookie = binding, ""
	require.Equal(t, "/login?error=SIGN_IN_EXPIRED", eve.come(address), "a second time")
	require.Nil(t, eve.who())

	// A link that Eve began ends nowhere but in her own session.
	begun := eve.call("POST", "/api/auth/oidc/sso/link", object{})
	require.Equal(t, http.StatusUnauthorized, begun.StatusCode)
	for _, path := range []string{
		"/api/auth/oidc/sso/callback", "/api/auth/oidc/sso/callback?state=x&code=y", "/api/auth/oidc/sso/callback?error=access_denied",
	} {
		require.Equal(t, "/login?error=SIGN_IN_EXPIRED", ada.come(path))
	}
	ada.binding = "made up"
	require.Equal(t, "/login?error=SIGN_IN_EXPIRED", ada.come("/api/auth/oidc/sso/callback?state=x&code=y"))
	require.Equal(t, "/login?error=PROVIDER_NOT_FOUND", ada.visit("/api/auth/oidc/nowhere", "same-origin").Header.Get("Location"))

	canceled, err := url.Parse(ada.depart("/chat"))
	require.NoError(t, err)
	back := "/api/auth/oidc/sso/callback?error=access_denied&error_description=%3Cscript%3E&state=" + canceled.Query().Get("state")
	require.Equal(t, "/login?error=SIGN_IN_CANCELED", ada.come(back), "of the provider's words none is repeated")
}

func TestAttack11NextLeadsNowhereElse(t *testing.T) {
	i := newIdentityProvider(t)
	p := startPlatform(t, "one process", i.settings()...)
	i.start(p, somebody{"ada", "ada@example.org", true})
	ada := p.visitor(t)
	for _, evil := range []string{
		"//evil.example", `\\evil.example`, `/\evil.example`, "/\t/evil.example", "\t//evil.example", " //evil.example", "/\n/evil.example",
		"https://evil.example", "https:evil.example", "javascript:alert(1)", "evil.example", "///evil.example", "http:///evil.example",
		"/chat\r\nSet-Cookie: x=y", "/%zz", "",
	} {
		require.Equal(t, "/", ada.enter(i, "ada", evil), "%q", evil)
		require.NotNil(t, ada.who())
	}
	for _, good := range []string{"/", "/chat", "/ide/workspace/1?tab=a%20b#top"} {
		require.Equal(t, good, ada.enter(i, "ada", good))
	}
	departure, err := url.Parse(ada.depart("/chat"))
	require.NoError(t, err)
	require.Equal(t, p.callback(), departure.Query().Get("redirect_uri"))
	r := ada.request("GET", "/api/auth/oidc/sso", nil, "X-Forwarded-Host", "evil.example", "Forwarded", "host=evil.example", "X-Forwarded-Proto", "https")
	require.NotContains(t, ada.do(r).Header.Get("Location"), "evil.example")
}

func TestAttack17AnAddressNobodyCheckedLinksNothing(t *testing.T) {
	i := newIdentityProvider(t)
	file := writeFile(t, "oidc.yaml", strings.Join([]string{
		"- id: sso", "  displayName: Example", "  issuer: " + i.url, "  clientId: " + issuerClient,
		"  clientSecretFile: " + writeFile(t, "secret", issuerSecret+"\n"), "  linkVerifiedEmail: true", "",
	}, "\n"))
	p := startPlatform(t, "one process", "ATRIUM_OIDC_CONFIG="+file, "ATRIUM_REGISTRATION=closed")
	i.start(p, somebody{"eve", "admin@example.com", false}, somebody{"root", "Admin@example.com", true}, somebody{"bob", "bob@example.org", true})

	eve, root, bob := p.visitor(t), p.visitor(t), p.visitor(t)
	require.Equal(t, "/login?error=EMAIL_NOT_VERIFIED", eve.enter(i, "eve", "/admin"))
	require.Nil(t, eve.who())
	admin := p.administrator(t)
	require.Empty(t, admin.must("GET", "/api/auth/identities", nil)["identities"])

	require.Equal(t, "/login?error=LOGIN_NOT_LINKED", bob.enter(i, "bob", "/"), "registration is closed")
	require.Equal(t, "/admin", root.enter(i, "root", "/admin"))
	require.Equal(t, "admin@example.com", root.who()["email"])
	require.Equal(t, "/login?error=EMAIL_NOT_VERIFIED", eve.enter(i, "eve", "/admin"), "another subject with the same address")
}
