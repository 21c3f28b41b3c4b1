package auth_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
)

const (
	clientID     = "atrium"
	clientSecret = "canary-client-secret"
)

// issuer is a provider that can be made to lie. What an honest one does is
// tested against a real one, in services/all/e2e.
type issuer struct {
	t      *testing.T
	server *httptest.Server
	key    *ecdsa.PrivateKey

	mu    sync.Mutex
	codes map[string]grant
	// namesItself adds the promise to name itself in every answer.
	namesItself bool
	// away answers everything with 503.
	away bool
}

// grant is what a code stands for.
type grant struct {
	idToken   string
	challenge string
	userInfo  map[string]any
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	i := &issuer{t: t, key: key, codes: map[string]grant{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.metadata)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.json(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("POST /token", i.token)
	mux.HandleFunc("GET /userinfo", i.userInfo)
	i.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.away {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(i.server.Close)
	return i
}

func (i *issuer) metadata(w http.ResponseWriter, _ *http.Request) {
	at := i.server.URL
	i.json(w, map[string]any{
		"issuer": at, "authorization_endpoint": at + "/auth", "token_endpoint": at + "/token", "jwks_uri": at + "/keys",
		"userinfo_endpoint": at + "/userinfo", "id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
		"authorization_response_iss_parameter_supported": i.namesItself,
	})
}

// token redeems a code once, for the client that holds the secret and made the challenge.
func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	g, ok := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	id, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || id != clientID || secret != clientSecret || g.challenge != base64.RawURLEncoding.EncodeToString(sum[:]) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	access := rand.Text()
	i.codes[access] = g
	answer := map[string]any{"access_token": access, "token_type": "Bearer"}
	if g.idToken != "" {
		answer["id_token"] = g.idToken
	}
	i.json(w, answer)
}

func (i *issuer) userInfo(w http.ResponseWriter, r *http.Request) {
	g, ok := i.codes[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if !ok || g.userInfo == nil {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	i.json(w, g.userInfo)
}

func (i *issuer) json(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		i.t.Error(err)
	}
}

// visit is a login that has come to the issuer.
type visit struct {
	i                       *issuer
	state, nonce, challenge string
	redirect                string
}

// arrive reads the address that a browser was sent to.
func (i *issuer) arrive(address string) visit {
	i.t.Helper()
	require.Truef(i.t, strings.HasPrefix(address, i.server.URL+"/auth?"), "%s", address)
	u, err := url.Parse(address)
	require.NoError(i.t, err)
	q := u.Query()
	require.Equal(i.t, "code", q.Get("response_type"))
	require.Equal(i.t, clientID, q.Get("client_id"))
	require.Equal(i.t, "S256", q.Get("code_challenge_method"))
	require.Equal(i.t, "openid profile email", q.Get("scope"))
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		require.GreaterOrEqual(i.t, len(q.Get(name)), 43, "%s is 256 bits", name)
	}
	require.NotContains(i.t, address, clientSecret)
	return visit{i: i, state: q.Get("state"), nonce: q.Get("nonce"), challenge: q.Get("code_challenge"), redirect: q.Get("redirect_uri")}
}

// claims are those of an honest id token; changes replace or, with nil, remove some.
func (v visit) claims(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": v.i.server.URL, "aud": clientID, "sub": "subject-1", "nonce": v.nonce,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"email": "ada@example.org", "email_verified": true, "preferred_username": "ada", "name": "Ada L.",
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

// code makes one for an id token that is signed as an honest issuer would.
func (v visit) code(changes map[string]any) string {
	return v.codeFor(v.i.sign(jose.ES256, v.i.key, v.claims(changes)), nil)
}

func (v visit) codeFor(idToken string, userInfo map[string]any) string {
	v.i.mu.Lock()
	defer v.i.mu.Unlock()
	code := rand.Text()
	v.i.codes[code] = grant{idToken: idToken, challenge: v.challenge, userInfo: userInfo}
	return code
}

func (i *issuer) sign(algorithm jose.SignatureAlgorithm, key any, claims map[string]any) string {
	i.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil)
	require.NoError(i.t, err)
	payload, err := json.Marshal(claims)
	require.NoError(i.t, err)
	signed, err := signer.Sign(payload)
	require.NoError(i.t, err)
	text, err := signed.CompactSerialize()
	require.NoError(i.t, err)
	return text
}

// unsigned is an id token with alg none.
func (i *issuer) unsigned(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	require.NoError(i.t, err)
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload) + "."
}
