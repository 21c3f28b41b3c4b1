package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/config"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

// single configures the issuer by the settings alone.
func (i *issuer) single() auth.Config {
	return auth.Config{PublicURL: "https://atrium.example", OIDC: auth.OIDC{
		Issuer: i.server.URL, ClientID: clientID, ClientSecret: clientSecret, Name: "Example",
	}}
}

// file configures the issuer by a file, with further lines; registration is closed.
func (i *issuer) file(lines ...string) auth.Config {
	i.t.Helper()
	dir := i.t.TempDir()
	require.NoError(i.t, os.WriteFile(filepath.Join(dir, "secret"), []byte(clientSecret+"\n"), 0o600))
	text := "- id: sso\n  displayName: Example\n  issuer: " + i.server.URL + "\n  clientId: " + clientID + "\n  clientSecretFile: secret\n"
	for _, line := range lines {
		text += "  " + line + "\n"
	}
	path := filepath.Join(dir, "oidc.yaml")
	require.NoError(i.t, os.WriteFile(path, []byte(text), 0o600))
	return auth.Config{Registration: "closed", PublicURL: "https://atrium.example", OIDC: auth.OIDC{File: path}}
}

func (h *house) begin(i *issuer) (visit, string) {
	h.t.Helper()
	resp, err := h.auth.BeginOIDC(h.anonymous(), &authv1.BeginOIDCRequest{Provider: "sso", Next: "/chat"})
	require.NoError(h.t, err)
	v := i.arrive(resp.GetUrl())
	require.Equal(h.t, "https://atrium.example/api/auth/oidc/sso/callback", v.redirect)
	return v, resp.GetBinding()
}

// finish brings a code back; the header holds the session's token, if there is one.
func (h *house) finish(v visit, binding, code string) (*authv1.FinishOIDCResponse, metadata.MD, error) {
	var header metadata.MD
	resp, err := h.auth.FinishOIDC(h.anonymous(), &authv1.FinishOIDCRequest{
		Provider: "sso", State: v.state, Code: code, Binding: binding,
	}, grpc.Header(&header))
	return resp, header, err
}

// enter signs in with claims that differ from the honest ones.
func (h *house) enter(i *issuer, changes map[string]any) (device, error) {
	h.t.Helper()
	v, binding := h.begin(i)
	resp, header, err := h.finish(v, binding, v.code(changes))
	if err != nil {
		require.Empty(h.t, header.Get(grpcx.MetadataSessionToken))
		return device{}, err
	}
	require.Equal(h.t, "/chat", resp.GetNext())
	token := header.Get(grpcx.MetadataSessionToken)
	require.Len(h.t, token, 1)
	holder, err := h.validate(token[0])
	require.NoError(h.t, err)
	ctx := h.as(principal.Principal{
		Kind: principal.User, UserID: uuid.MustParse(holder.GetUserId()), SessionID: uuid.MustParse(holder.GetSessionId()),
	})
	user, err := h.users.GetMe(ctx, &authv1.GetMeRequest{})
	require.NoError(h.t, err)
	return device{user: user, token: token[0], ctx: ctx, id: uuid.MustParse(holder.GetSessionId())}, nil
}

func (h *house) count(table string) int64 {
	return query[int64](h, `SELECT count(*) FROM `+table)[0]
}

func TestALoginAtAProviderMakesAnAccountOnce(t *testing.T) {
	i := newIssuer(t)
	h := open(t, i.single())
	providers, err := h.auth.ListProviders(h.anonymous(), &authv1.ListProvidersRequest{})
	require.NoError(t, err)
	require.Len(t, providers.GetProviders(), 1)
	require.Equal(t, "Example", providers.GetProviders()[0].GetDisplayName())
	require.True(t, providers.GetRegistrationOpen())

	h.register("ada") // has the username and the address ada@example.org
	first, err := h.enter(i, map[string]any{"email": "lovelace@example.org"})
	require.NoError(t, err)
	require.Regexp(t, `^ada-[a-z0-9]{6}$`, first.user.GetUsername())
	require.Equal(t, "lovelace@example.org", first.user.GetEmail())
	require.Equal(t, "Ada L.", first.user.GetFullName())
	require.Equal(t, []string{"user"}, first.user.GetRoles())
	second, err := h.enter(i, map[string]any{"email": "moved@example.org"})
	require.NoError(t, err)
	require.Equal(t, first.user.GetId(), second.user.GetId(), "known by issuer and subject")
	require.Equal(t, "lovelace@example.org", second.user.GetEmail())

	for _, password := range []string{"", " ", "x", goodPassword} {
		_, err = h.auth.Login(h.anonymous(), &authv1.LoginRequest{Login: "lovelace@example.org", Password: password})
		require.Error(t, err, "it has no password")
	}
	_, err = h.auth.ChangePassword(second.ctx, &authv1.ChangePasswordRequest{CurrentPassword: "x", NewPassword: goodPassword + "2"})
	require.Equal(t, "PASSWORD_WRONG", reason(t, err))
	require.Contains(t, query[string](h, `SELECT event_type || ' ' || status FROM audit.audit_log`), "auth.oidc.login success")
	for _, text := range query[string](h, `SELECT audit_log::text FROM audit.audit_log`) {
		require.NotContains(t, text, clientSecret)
	}
}

func TestHostileAnswersOpenNothing(t *testing.T) {
	i := newIssuer(t)
	h := open(t, i.single())
	foreign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	other := newIssuer(t)
	users, identities, sessions := h.count("auth.users"), h.count("auth.identities"), h.count("auth.sessions")
	for name, code := range map[string]func(visit) string{
		"another login's nonce": func(v visit) string { return v.code(map[string]any{"nonce": "another"}) },
		"no nonce":              func(v visit) string { return v.code(map[string]any{"nonce": nil}) },
		"another audience":      func(v visit) string { return v.code(map[string]any{"aud": "another"}) },
		"another's party": func(v visit) string {
			return v.code(map[string]any{"aud": []string{clientID, "another"}, "azp": "another"})
		},
		"expired":              func(v visit) string { return v.code(map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}) },
		"without an end":       func(v visit) string { return v.code(map[string]any{"exp": nil}) },
		"not good yet":         func(v visit) string { return v.code(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}) },
		"another issuer":       func(v visit) string { return v.code(map[string]any{"iss": other.server.URL}) },
		"nobody":               func(v visit) string { return v.code(map[string]any{"sub": nil}) },
		"another access token": func(v visit) string { return v.code(map[string]any{"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}) },
		"not signed":           func(v visit) string { return v.codeFor(i.unsigned(v.claims(nil)), nil) },
		"signed with the secret": func(v visit) string {
			return v.codeFor(i.sign(jose.HS256, []byte(strings.Repeat(clientSecret, 2)), v.claims(nil)), nil)
		},
		"signed by somebody else": func(v visit) string { return v.codeFor(i.sign(jose.ES256, foreign, v.claims(nil)), nil) },
		"no id token":             func(v visit) string { return v.codeFor("", nil) },
		"an unknown code":         func(visit) string { return "made up" },
		"no code":                 func(visit) string { return "" },
		"another's user information": func(v visit) string {
			return v.codeFor(i.sign(jose.ES256, i.key, v.claims(map[string]any{"email": nil})),
				map[string]any{"sub": "subject-2", "email": "ada@example.org", "email_verified": true})
		},
		"another login's challenge": func(v visit) string {
			v.challenge = "another"
			return v.code(nil)
		},
	} {
		v, binding := h.begin(i)
		_, header, err := h.finish(v, binding, code(v))
		require.Error(t, err, name)
		require.Equal(t, "PROVIDER_REFUSED", reason(t, err), name)
		require.Empty(t, header.Get(grpcx.MetadataSessionToken), name)
		require.NotContains(t, err.Error(), clientSecret)
	}
	require.Equal(t, []int64{users, identities, sessions}, []int64{h.count("auth.users"), h.count("auth.identities"), h.count("auth.sessions")})
	_, err = h.enter(i, nil)
	require.NoError(t, err, "and an honest answer does")
}

func TestALoginBelongsToItsBrowserItsIssuerAndItsTime(t *testing.T) {
	i := newIssuer(t)
	h := open(t, i.single())
	v, binding := h.begin(i)
	_, otherBinding := h.begin(i)
	_, _, err := h.finish(v, otherBinding, v.code(nil))
	require.Equal(t, "SIGN_IN_EXPIRED", reason(t, err), "another browser")
	_, err = h.auth.FinishOIDC(h.anonymous(), &authv1.FinishOIDCRequest{Provider: "another", State: v.state, Code: v.code(nil), Binding: binding})
	require.Equal(t, "PROVIDER_NOT_FOUND", reason(t, err))

	for _, stored := range query[string](h, `SELECT oidc_logins::text FROM auth.oidc_logins`) {
		for _, secret := range []string{v.state, v.nonce, v.challenge, binding} {
			require.NotContains(t, stored, secret)
		}
	}
	// Of many who bring the same answer, one gets in.
	var done sync.WaitGroup
	var mu sync.Mutex
	in := 0
	code := v.code(nil)
	for range 8 {
		done.Go(func() {
			if _, _, err := h.finish(v, binding, code); err == nil {
				mu.Lock()
				in++
				mu.Unlock()
			}
		})
	}
	done.Wait()
	require.Equal(t, 1, in)
	_, _, err = h.finish(v, binding, v.code(nil))
	require.Equal(t, "SIGN_IN_EXPIRED", reason(t, err), "used already")

	late, lateBinding := h.begin(i)
	h.exec(`UPDATE auth.oidc_logins SET expires_at = now()`)
	_, _, err = h.finish(late, lateBinding, late.code(nil))
	require.Equal(t, "SIGN_IN_EXPIRED", reason(t, err), "too late")

	for reasonWanted, request := range map[string]*authv1.FinishOIDCRequest{
		"PROVIDER_REFUSED": {Issuer: "https://evil.example"},
		"SIGN_IN_CANCELED": {Error: "access_denied"},
	} {
		v, binding := h.begin(i)
		request.Provider, request.State, request.Binding, request.Code = "sso", v.state, binding, v.code(nil)
		_, err = h.auth.FinishOIDC(h.anonymous(), request)
		require.Equal(t, reasonWanted, reason(t, err))
	}
}

func TestAProviderThatNamesItselfMustDoSo(t *testing.T) {
	i := newIssuer(t)
	i.namesItself = true
	h := open(t, i.single())
	_, err := h.enter(i, nil)
	require.Equal(t, "PROVIDER_REFUSED", reason(t, err))
	v, binding := h.begin(i)
	_, err = h.auth.FinishOIDC(h.anonymous(), &authv1.FinishOIDCRequest{
		Provider: "sso", State: v.state, Binding: binding, Code: v.code(nil), Issuer: i.server.URL,
	})
	require.NoError(t, err)
}

func TestAProviderThatIsAwayComesBack(t *testing.T) {
	i := newIssuer(t)
	i.away = true
	h := open(t, i.single())
	_, err := h.auth.BeginOIDC(h.anonymous(), &authv1.BeginOIDCRequest{Provider: "sso"})
	require.Equal(t, "PROVIDER_UNAVAILABLE", reason(t, err))
	i.mu.Lock()
	i.away = false
	i.mu.Unlock()
	_, err = h.enter(i, nil)
	require.NoError(t, err)
}

func TestAnAddressAloneOpensNoAccount(t *testing.T) {
	i := newIssuer(t)
	h := open(t, i.single())
	ada := h.register("ada")
	for _, verified := range []any{true, "true", false, nil} {
		_, err := h.enter(i, map[string]any{"email": "ADA@example.org", "email_verified": verified})
		require.Equal(t, "ACCOUNT_EXISTS", reason(t, err))
	}
	_, err := h.enter(i, map[string]any{"email": nil})
	require.Equal(t, "PROVIDER_REFUSED", reason(t, err), "the user information is refused too")
	require.Zero(t, h.count("auth.identities"))

	closed := openOn(t, i.file(), h.database, "redis://127.0.0.1:1")
	for _, email := range []string{"ada@example.org", "new@example.org"} {
		_, err := closed.enter(i, map[string]any{"email": email})
		require.Equal(t, "LOGIN_NOT_LINKED", reason(t, err), "the same whether there is an account")
	}
	require.Equal(t, []int64{1}, query[int64](h, `SELECT count(*) FROM auth.users WHERE id = $1`, ada.user.GetId()))
}

func TestAVerifiedAddressLinksWhereTheConfigurationSaysSo(t *testing.T) {
	i := newIssuer(t)
	h := open(t, i.single())
	ada := h.register("ada")
	linking := openOn(t, i.file("linkVerifiedEmail: true", "allowRegistration: true"), h.database, "redis://127.0.0.1:1")
	for _, verified := range []any{false, "false", nil, 1} {
		for _, email := range []string{"ada@example.org", "new@example.org"} {
			_, err := linking.enter(i, map[string]any{"email": email, "email_verified": verified})
			require.Equal(t, "EMAIL_NOT_VERIFIED", reason(t, err), "%v", verified)
		}
	}
	v, binding := linking.begin(i)
	token := i.sign(jose.ES256, i.key, v.claims(map[string]any{"email": nil}))
	_, _, err := linking.finish(v, binding, v.codeFor(token, map[string]any{"sub": "subject-1", "email": "ada@example.org"}))
	require.Equal(t, "EMAIL_NOT_VERIFIED", reason(t, err), "verified was said of no address")
	require.Zero(t, h.count("auth.identities"))
	in, err := linking.enter(i, nil)
	require.NoError(t, err)
	require.Equal(t, ada.user.GetId(), in.user.GetId())
	newcomer, err := linking.enter(i, map[string]any{"sub": "subject-2", "email": "new@example.org"})
	require.NoError(t, err)
	require.Equal(t, "new@example.org", newcomer.user.GetEmail())

	h.exec(`UPDATE auth.users SET is_active = false`)
	_, err = linking.enter(i, nil)
	require.Equal(t, "ACCOUNT_SUSPENDED", reason(t, err))
	h.exec(`DELETE FROM auth.identities`)
	_, err = linking.enter(i, nil)
	require.Equal(t, "ACCOUNT_SUSPENDED", reason(t, err), "nor does it get a link")
	require.Zero(t, h.count("auth.identities"))
}

func TestUserInformationCompletesAnIDToken(t *testing.T) {
	i := newIssuer(t)
	h := open(t, i.single())
	v, binding := h.begin(i)
	token := i.sign(jose.ES256, i.key, v.claims(map[string]any{"email": nil, "email_verified": true, "preferred_username": nil, "name": nil}))
	_, _, err := h.finish(v, binding, v.codeFor(token, map[string]any{"sub": "subject-1", "email": "ünï@example.org", "name": "A\u0000B"}))
	require.NoError(t, err)
	require.Equal(t, []string{"AB"}, query[string](h, `SELECT full_name FROM auth.users WHERE email = 'ünï@example.org'`))
}

// linkTo begins to link; the context is of who asks.
func (h *house) linkTo(i *issuer, d device) (visit, string) {
	h.t.Helper()
	var header metadata.MD
	resp, err := h.auth.LinkOIDC(d.ctx, &authv1.LinkOIDCRequest{Provider: "sso"}, grpc.Header(&header))
	require.NoError(h.t, err)
	binding := header.Get(grpcx.MetadataOIDCBinding)
	require.Len(h.t, binding, 1)
	return i.arrive(resp.GetUrl()), binding[0]
}

func (h *house) identities(d device) []*authv1.Identity {
	h.t.Helper()
	resp, err := h.auth.ListIdentities(d.ctx, &authv1.ListIdentitiesRequest{})
	require.NoError(h.t, err)
	return resp.GetIdentities()
}

func TestLinkingAndUnlinking(t *testing.T) {
	i := newIssuer(t)
	h := open(t, i.single())
	ada, eve := h.register("ada"), h.register("eve")

	v, binding := h.linkTo(i, ada)
	finish := func(d device) error {
		v, binding := v, binding
		_, err := h.auth.FinishOIDC(d.ctx, &authv1.FinishOIDCRequest{Provider: "sso", State: v.state, Binding: binding, Code: v.code(nil)})
		return err
	}
	err := finish(eve)
	require.Equal(t, "LINK_SESSION_ENDED", reason(t, err), "somebody else")
	var refusal *apperr.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, "/settings", refusal.Metadata["next"])
	v, binding = h.linkTo(i, ada)
	require.Equal(t, "LINK_SESSION_ENDED", reason(t, finish(device{ctx: h.anonymous()})), "nobody")
	require.Empty(t, h.identities(ada))

	v, binding = h.linkTo(i, ada)
	sessions := h.count("auth.sessions")
	require.NoError(t, finish(ada))
	require.Equal(t, sessions, h.count("auth.sessions"), "no new session")
	linked := h.identities(ada)
	require.Len(t, linked, 1)
	require.Equal(t, "ada@example.org", linked[0].GetName())
	in, err := h.enter(i, nil)
	require.NoError(t, err)
	require.Equal(t, ada.user.GetId(), in.user.GetId())

	v, binding = h.linkTo(i, eve)
	require.Equal(t, "LOGIN_LINKED_ELSEWHERE", reason(t, finish(eve)))
	_, err = h.auth.UnlinkIdentity(eve.ctx, &authv1.UnlinkIdentityRequest{Id: linked[0].GetId()})
	require.Equal(t, "IDENTITY_NOT_FOUND", reason(t, err))
	_, err = h.auth.UnlinkIdentity(ada.ctx, &authv1.UnlinkIdentityRequest{Id: linked[0].GetId()})
	require.NoError(t, err)
	require.Empty(t, h.identities(ada))
	require.Subset(t, query[string](h, `SELECT event_type || ' ' || status FROM audit.audit_log`), []string{
		"auth.oidc.link success", "auth.oidc.unlink success", "auth.oidc.login failure",
	})
}

func TestTheLastWayInStays(t *testing.T) {
	i, gone := newIssuer(t), newIssuer(t)
	h := open(t, i.single())
	in, err := h.enter(i, nil)
	require.NoError(t, err)
	id := h.identities(in)[0].GetId()
	h.exec(`INSERT INTO auth.identities (id, user_id, issuer, subject, provider, name) VALUES ($1, $2, $3, 'x', 'gone', 'x')`,
		uuid.New(), in.user.GetId(), gone.server.URL)
	_, err = h.auth.UnlinkIdentity(in.ctx, &authv1.UnlinkIdentityRequest{Id: id})
	require.Equal(t, "LAST_LOGIN", reason(t, err), "a provider that is no longer configured opens nothing")
	require.Len(t, h.identities(in), 2)
}

func TestWhoMayBeginToLink(t *testing.T) {
	i := newIssuer(t)
	h := open(t, i.single())
	ada := h.register("ada")
	ask := func(p principal.Principal) error {
		p.Kind, p.UserID = principal.User, uuid.MustParse(ada.user.GetId())
		_, err := h.auth.LinkOIDC(h.as(p), &authv1.LinkOIDCRequest{Provider: "sso"})
		return err
	}
	require.Equal(t, "SESSION_REQUIRED", reason(t, ask(principal.Principal{SessionID: uuid.New(), Scopes: []string{"account"}})))
	h.exec(`UPDATE auth.sessions SET created_at = now() - interval '11 minutes'`)
	require.Equal(t, "REAUTHENTICATION_REQUIRED", reason(t, ask(principal.Principal{SessionID: ada.id})))
}

func TestOneLoginAtManyBrowsersMakesOneAccount(t *testing.T) {
	i := newIssuer(t)
	h := open(t, i.single())
	var done sync.WaitGroup
	var mu sync.Mutex
	ids := map[string]bool{}
	for range 6 {
		v, binding := h.begin(i)
		code := v.code(nil)
		done.Go(func() {
			_, _, err := h.finish(v, binding, code)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	for _, id := range query[string](h, `SELECT user_id::text FROM auth.identities`) {
		ids[id] = true
	}
	require.Len(t, ids, 1)
	require.Equal(t, []int64{1}, query[int64](h, `SELECT count(*) FROM auth.users WHERE email = 'ada@example.org'`))
}

func TestBadProviderSettingsAreNamed(t *testing.T) {
	write := func(text string) auth.OIDC {
		path := filepath.Join(t.TempDir(), "oidc.yaml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return auth.OIDC{File: path}
	}
	const good = "- {id: a, displayName: A, issuer: https://a.example, clientId: x, clientSecret: hunter2}\n"
	for want, settings := range map[string]auth.OIDC{
		"ATRIUM_OIDC_CONFIG: open":                      {File: "/nowhere/oidc.yaml"},
		"field isuer not found":                         write("- {isuer: https://a.example}"),
		"want a list":                                   write("hunter2"),
		"wrong kind":                                    write("- {clientSecret: [hunter2]}"),
		"displayName: is empty":                         write("- {id: a, issuer: https://a.example, clientId: x}"),
		"id: want up to 32":                             write("- {id: A/b, displayName: A, issuer: https://a.example, clientId: x}"),
		"is not encrypted":                              write("- {id: a, displayName: A, issuer: http://a.example, clientId: x}"),
		"the id is used twice":                          write(good + strings.Replace(good, "a.example", "b.example", 1)),
		"the issuer is used twice":                      write(good + strings.Replace(good, "id: a", "id: b", 1)),
		"openid is missing":                             write(strings.Replace(good, "clientId", "scopes: [email], clientId", 1)),
		"clientSecretFile: open":                        write("- {id: a, clientSecretFile: nowhere}"),
		"linkVerifiedEmail: needs":                      write(strings.Replace(good, "clientId", "linkVerifiedEmail: true, clientId", 1)),
		"ATRIUM_OIDC_ISSUER: is empty":                  {ClientID: "x"},
		`ATRIUM_OIDC_*: provider "sso": clientId: is e`: {Issuer: "https://a.example", Name: "A", ClientSecret: config.Secret("hunter2")},
	} {
		err := auth.Config{Registration: "open", AdminEmail: "a@example.org", OIDC: settings}.Validate()
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "ATRIUM_OIDC_")
		require.NotContains(t, err.Error(), "\n", "one line")
		require.NotContains(t, err.Error(), "hunter2")
	}
	require.NoError(t, auth.Config{Registration: "open", AdminEmail: "a@example.org", OIDC: write(good)}.Validate())
	require.NoError(t, auth.Config{Registration: "open", AdminEmail: "a@example.org", OIDC: write("")}.Validate())
}
