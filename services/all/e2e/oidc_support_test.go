package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	issuerClient = "atrium"
	issuerSecret = canary + "-client-secret"
	// issuerPassword is everybody's at the issuer.
	issuerPassword = canary + " at the issuer"
)

// identityProvider is a real OpenID Connect provider; see the module issuer.
type identityProvider struct {
	t    testing.TB
	url  string
	port int
}

// newIdentityProvider chooses where a provider will be; start runs it.
func newIdentityProvider(t testing.TB) *identityProvider {
	port := freePort(t)
	return &identityProvider{t: t, port: port, url: fmt.Sprintf("http://127.0.0.1:%d", port)}
}

// settings configure it as the one provider.
func (i *identityProvider) settings() []string {
	return []string{"ATRIUM_OIDC_ISSUER=" + i.url, "ATRIUM_OIDC_CLIENT_ID=" + issuerClient, "ATRIUM_OIDC_CLIENT_SECRET=" + issuerSecret, "ATRIUM_OIDC_NAME=Example"}
}

// somebody is a user at the provider; each has the subject "<name>-id".
type somebody struct {
	name, email string
	verified    bool
}

// start runs the provider for a platform, with users.
func (i *identityProvider) start(p *platform, users ...somebody) {
	i.t.Helper()
	known := map[string]object{}
	for _, u := range users {
		known[u.name+"-id"] = object{
			"ID": u.name + "-id", "Username": u.name, "Password": issuerPassword, "FirstName": u.name, "LastName": "Example",
			"Email": u.email, "EmailVerified": u.verified, "PreferredLanguage": "en",
		}
	}
	text, err := json.Marshal(known)
	require.NoError(i.t, err)
	file := filepath.Join(i.t.TempDir(), "users.json")
	require.NoError(i.t, os.WriteFile(file, text, 0o600))
	cmd := exec.Command(issuerProgram(i.t), "-listen", fmt.Sprintf("127.0.0.1:%d", i.port), "-issuer", i.url, "-client", issuerClient,
		"-secret", issuerSecret, "-callback", p.callback(), "-users", file)
	printed := &logs{}
	cmd.Stdout, cmd.Stderr = printed, printed
	require.NoError(i.t, cmd.Start())
	i.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
		_ = cmd.Wait()
		if i.t.Failed() {
			i.t.Logf("what the provider logged:\n%s", printed)
		}
	})
	eventually(i.t, "the provider is ready", func() error {
		response, err := client.Get(i.url + "/.well-known/openid-configuration")
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	}, printed)
}

func (p *platform) callback() string {
	return fmt.Sprintf("http://atrium.localhost:%d/api/auth/oidc/sso/callback", p.port)
}

var buildIssuer = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "atrium-issuer-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(dir, "issuer"), ".")
	build.Dir = filepath.Join(repository(), "services", "all", "e2e", "issuer")
	build.Env = append(os.Environ(), "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	return filepath.Join(dir, "issuer"), nil
})

func issuerProgram(t testing.TB) string {
	t.Helper()
	program, err := buildIssuer()
	require.NoError(t, err)
	return program
}

var loginID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// signIn does at the provider what a person does, and gives the address that
// the provider then sends the browser to.
func (i *identityProvider) signIn(address, name string) string {
	i.t.Helper()
	page := i.follow(http.MethodGet, address, nil)
	found := loginID.FindSubmatch(page.body)
	require.NotNil(i.t, found, "%s: %s", address, page.body)
	answer := i.follow(http.MethodPost, i.url+"/login/username", url.Values{
		"id": {string(found[1])}, "username": {name}, "password": {issuerPassword},
	})
	location := answer.Header.Get("Location")
	require.NotEmpty(i.t, location, "%s", answer.body)
	return location
}

// follow makes a request, and goes where the provider sends it on its own host.
func (i *identityProvider) follow(method, address string, form url.Values) answer {
	i.t.Helper()
	for range 5 {
		r, err := http.NewRequestWithContext(i.t.Context(), method, address, strings.NewReader(form.Encode()))
		require.NoError(i.t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		response, err := client.Do(r)
		require.NoError(i.t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(i.t, err)
		require.NoError(i.t, response.Body.Close())
		to, err := response.Location()
		if err != nil || !strings.HasPrefix(to.String(), i.url) {
			return answer{response, body}
		}
		method, address, form = http.MethodGet, to.String(), nil
	}
	i.t.Fatalf("%s: does not stop redirecting", address)
	return answer{}
}

// visitor is a browser that a person goes about with, and that so keeps the
// cookie that binds a login to it.
type visitor struct {
	*browser
	binding string
	last    answer
}

func (p *platform) visitor(t testing.TB) *visitor { return &visitor{browser: p.browser(t)} }

// visit goes to an address of the platform, as by a link on the site from.
func (v *visitor) visit(address, from string) answer {
	v.t.Helper()
	path := strings.TrimPrefix(address, fmt.Sprintf("http://atrium.localhost:%d", v.p.port))
	require.True(v.t, strings.HasPrefix(path, "/"), "%s is elsewhere", address)
	r := v.request(http.MethodGet, path, nil, "Sec-Fetch-Site", from, "Sec-Fetch-Mode", "navigate")
	if v.binding != "" {
		r.AddCookie(&http.Cookie{Name: bindingCookie, Value: v.binding})
	}
	a := v.do(r)
	v.keep(a)
	return a
}

const bindingCookie = "__Host-atrium_oidc"

// keep takes the binding out of an answer, and looks how it is set.
func (v *visitor) keep(a answer) {
	v.t.Helper()
	for _, c := range a.Cookies() {
		if c.Name != bindingCookie {
			continue
		}
		require.True(v.t, c.HttpOnly && c.Secure && c.SameSite == http.SameSiteLaxMode && c.Path == "/" && c.Domain == "", "%v", c)
		require.LessOrEqual(v.t, c.MaxAge, int(10*time.Minute/time.Second))
		v.binding = c.Value
	}
}

// depart begins a login and gives where the provider is.
func (v *visitor) depart(next string) string {
	v.t.Helper()
	a := v.visit("/api/auth/oidc/sso?next="+url.QueryEscape(next), "same-origin")
	require.Equal(v.t, http.StatusFound, a.StatusCode, "%s", a.body)
	require.NotEmpty(v.t, v.binding, a.Header.Get("Location"))
	return a.Header.Get("Location")
}

// come brings the provider's answer back and gives where the platform then leads.
func (v *visitor) come(address string) string {
	v.t.Helper()
	a := v.visit(address, "cross-site")
	v.last = a
	require.Equal(v.t, http.StatusFound, a.StatusCode, "%s", a.body)
	require.Empty(v.t, v.binding, "the cookie is cleared")
	require.Equal(v.t, "no-store", a.Header.Get("Cache-Control"))
	return a.Header.Get("Location")
}

// enter signs in at the provider and gives where the platform then leads.
func (v *visitor) enter(i *identityProvider, name, next string) string {
	v.t.Helper()
	return v.come(i.signIn(v.depart(next), name))
}

// who is signed in; nil for nobody.
func (v *visitor) who() object {
	v.t.Helper()
	a := v.call(http.MethodGet, "/api/auth/session", nil)
	if a.StatusCode == http.StatusUnauthorized {
		return nil
	}
	return a.object(v.t)["user"].(object)
}

// writeFile makes a file that only its owner reads, and gives its path.
func writeFile(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
