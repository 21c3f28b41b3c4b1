package install

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const host = "atrium.localhost"

type object = map[string]any

// person is a browser that is signed in.
type person struct {
	t      *testing.T
	client *http.Client
	cookie string
}

// newPerson reaches every host at the gateway's address.
func newPerson(t *testing.T, gateway, name string) *person {
	t.Helper()
	p := &person{t: t, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, network, gateway)
		}, MaxIdleConnsPerHost: 4},
	}}
	t.Cleanup(p.client.CloseIdleConnections)
	response, err := p.send("POST", "/api/auth/register", object{
		"email": name + "@example.com", "username": name, "password": "a long enough passphrase",
	})
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode, "%s", body)
	for _, c := range response.Cookies() {
		p.cookie = c.Name + "=" + c.Value
	}
	require.NotEmpty(t, p.cookie)
	return p
}

func (p *person) send(method, path string, body any, headers ...string) (*http.Response, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, "http://"+host+path, reader)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", p.cookie)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return p.client.Do(r)
}

// must is for what has to succeed.
func (p *person) must(method, path string, body any) (answer object) {
	p.t.Helper()
	response, err := p.send(method, path, body)
	require.NoError(p.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(p.t, err)
	require.Equal(p.t, http.StatusOK, response.StatusCode, "%s %s: %s", method, path, text)
	require.NoError(p.t, json.Unmarshal(text, &answer))
	return answer
}

// event is one of a stream.
type event struct {
	name string
	data object
}

// events reads a stream until each says that it is enough, or it ends.
func events(body io.Reader, each func(event) (more bool)) error {
	var e event
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "event:"):
			e.name = strings.TrimSpace(line[len("event:"):])
		case strings.HasPrefix(line, "data:"):
			if err := json.Unmarshal([]byte(line[len("data:"):]), &e.data); err != nil {
				return err
			}
		case line == "" && e.name != "":
			if !each(e) {
				return nil
			}
			e = event{}
		}
	}
	return lines.Err()
}

// editor opens a workspace, as the platform's page does, and gives VS Code's page.
func (p *person) editor(workspace string) string {
	p.t.Helper()
	opened := p.must("POST", "/api/ide/workspaces/"+workspace+"/open", object{})
	target, err := url.Parse(opened["url"].(string))
	require.NoError(p.t, err)
	do := func(method, path, cookie string, form url.Values) *http.Response {
		r, err := http.NewRequestWithContext(p.t.Context(), method, "http://"+target.Host+path, strings.NewReader(form.Encode()))
		require.NoError(p.t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-site")
		if cookie == "" {
			r.Header.Set("Origin", "http://"+host)
		} else {
			r.Header.Set("Cookie", cookie)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		response, err := p.client.Do(r)
		require.NoError(p.t, err)
		return response
	}
	entry := do("POST", target.Path, "", url.Values{"ticket": {opened["ticket"].(string)}})
	require.NoError(p.t, entry.Body.Close())
	require.Equal(p.t, http.StatusSeeOther, entry.StatusCode)
	require.Len(p.t, entry.Cookies(), 1)
	cookie := entry.Cookies()[0].Name + "=" + entry.Cookies()[0].Value
	path := "/"
	for range 5 {
		page := do("GET", path, cookie, nil)
		text, err := io.ReadAll(page.Body)
		require.NoError(p.t, err)
		require.NoError(p.t, page.Body.Close())
		if page.StatusCode == http.StatusFound { // VS Code adds the folder
			next, err := page.Location()
			require.NoError(p.t, err)
			path = next.RequestURI()
			continue
		}
		require.Equal(p.t, http.StatusOK, page.StatusCode, "%s", text)
		return string(text)
	}
	p.t.Fatal("VS Code has no page")
	return ""
}

// until waits for something that takes a moment.
func until(t *testing.T, what string, patience time.Duration, so func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		if err = so(); err == nil {
			return
		}
	}
	t.Fatal(fmt.Sprintf("%s: %v", what, err))
}
