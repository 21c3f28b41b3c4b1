package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// object is any JSON object.
type object = map[string]any

// browser is a client that behaves as a browser on the platform's own page.
type browser struct {
	t      testing.TB
	p      *platform
	cookie string
	// narrow are API tokens that lack a scope, by those that they have.
	narrow map[string]string
}

func (p *platform) browser(t testing.TB) *browser { return &browser{t: t, p: p} }

// host is the platform's host name, as browsers send it.
func (p *platform) host() string { return fmt.Sprintf("atrium.localhost:%d", p.port) }

// answer is a response whose body has been read.
type answer struct {
	*http.Response
	body []byte
}

func (a answer) object(t testing.TB) object {
	t.Helper()
	var o object
	require.NoError(t, json.Unmarshal(a.body, &o), "%s: %s", a.Status, a.body)
	return o
}

// reason is the error's, or empty.
func (a answer) reason() string {
	var o struct {
		Error struct{ Reason string } `json:"error"`
	}
	_ = json.Unmarshal(a.body, &o) // no JSON is no reason
	return o.Error.Reason
}

// request makes a request of the platform with the headers that a browser's
// own fetch would have.
func (b *browser) request(method, path string, body io.Reader, headers ...string) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, fmt.Sprintf("http://127.0.0.1:%d%s", b.p.port, path), body)
	require.NoError(b.t, err)
	r.Host = b.p.host()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if b.cookie != "" {
		r.Header.Set("Cookie", b.cookie)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// do sends a request and keeps the session cookie of the answer.
func (b *browser) do(r *http.Request) answer {
	b.t.Helper()
	response, err := client.Do(r)
	require.NoError(b.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	b.p.secrets.heed(response, body)
	for _, c := range response.Cookies() {
		if c.Name == "__Host-atrium_session" {
			b.cookie = c.Name + "=" + c.Value
		}
	}
	return answer{response, body}
}

var client = &http.Client{
	Timeout:       2 * time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// call sends JSON; a nil body sends none.
func (b *browser) call(method, path string, body any, headers ...string) answer {
	b.t.Helper()
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		require.NoError(b.t, err)
		reader = bytes.NewReader(encoded)
	}
	return b.do(b.request(method, path, reader, headers...))
}

// must is call, for what has to succeed.
func (b *browser) must(method, path string, body any, headers ...string) object {
	b.t.Helper()
	a := b.call(method, path, body, headers...)
	require.Equal(b.t, http.StatusOK, a.StatusCode, "%s %s: %s", method, path, a.body)
	return a.object(b.t)
}

// register makes an account and is then signed in to it.
func (b *browser) register(name string) object {
	b.t.Helper()
	return b.must("POST", "/api/auth/register", object{
		"email": name + "@example.com", "username": name, "password": "a long enough passphrase",
	})["user"].(object)
}

// upload keeps a file for a message.
func (b *browser) upload(name, content string) object {
	b.t.Helper()
	a := b.do(b.request("POST", "/api/chat/attachments?name="+url.QueryEscape(name), strings.NewReader(content), "Content-Type", "application/octet-stream"))
	require.Equal(b.t, http.StatusOK, a.StatusCode, "%s", a.body)
	return a.object(b.t)
}

func (b *browser) conversation() string {
	b.t.Helper()
	// Named, so that no model is asked for a title beside what a test counts.
	return b.must("POST", "/api/chat/conversations", object{"title": "Talk"})["id"].(string)
}

// event is one of a stream.
type event struct {
	id, name string
	data     object
}

// stream is an open event stream.
type stream struct {
	t        testing.TB
	response *http.Response
	lines    *bufio.Reader
}

// open starts a stream, which must be answered as one.
func (b *browser) open(method, path string, body any, headers ...string) *stream {
	b.t.Helper()
	var reader io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		require.NoError(b.t, err)
		reader = bytes.NewReader(encoded)
	}
	r := b.request(method, path, reader, append(headers, "Accept", "text/event-stream")...)
	response, err := client.Do(r)
	require.NoError(b.t, err)
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		b.t.Fatalf("%s %s: %s: %s", method, path, response.Status, text)
	}
	require.Equal(b.t, "text/event-stream", response.Header.Get("Content-Type"))
	s := streamOf(b.t, response)
	b.t.Cleanup(s.close)
	return s
}

func streamOf(t testing.TB, response *http.Response) *stream {
	return &stream{t: t, response: response, lines: bufio.NewReader(response.Body)}
}

func (s *stream) close() { _ = s.response.Body.Close() }

// next gives the next event; ok is false at the end of the stream.
func (s *stream) next() (e event, ok bool) {
	for {
		line, err := s.lines.ReadString('\n')
		if err != nil {
			return event{}, false
		}
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" && e.name != "":
			return e, true
		case strings.HasPrefix(line, "id: "):
			e.id = line[len("id: "):]
		case strings.HasPrefix(line, "event: "):
			e.name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			require.NoError(s.t, json.Unmarshal([]byte(line[len("data: "):]), &e.data), line)
		}
	}
}

// rest gives every event up to the end.
func (s *stream) rest() []event {
	var events []event
	for {
		e, ok := s.next()
		if !ok {
			return events
		}
		events = append(events, e)
	}
}

// text is what the deltas say together.
func text(events []event) string {
	var b strings.Builder
	for _, e := range events {
		if e.name == "delta" {
			b.WriteString(e.data["text"].(string))
		}
	}
	return b.String()
}
