package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// screen is a terminal in a browser.
type screen struct {
	*websocket.Conn
	t       *testing.T
	resumed bool
	shown   bytes.Buffer
	// texts are the text frames so far.
	texts []object
}

func (b *browser) dialTerminal(ctx context.Context, workspace, query string, headers ...string) (*websocket.Conn, *http.Response, error) {
	r := b.request("GET", "/ide/ws/workspaces/"+workspace+"/terminal?"+query, nil, append([]string{"Origin", b.p.setting("ATRIUM_PUBLIC_URL")}, headers...)...)
	header := http.Header{}
	for _, name := range []string{"Cookie", "Origin", "Authorization"} {
		if value := r.Header.Get(name); value != "" {
			header.Set(name, value)
		}
	}
	return websocket.Dial(ctx, strings.Replace(r.URL.String(), "http:", "ws:", 1), &websocket.DialOptions{HTTPHeader: header, Host: b.p.host()})
}

// terminal opens a shell of a workspace.
func (b *browser) terminal(t *testing.T, workspace, session string) *screen {
	t.Helper()
	conn, _, err := b.dialTerminal(t.Context(), workspace, url.Values{"session": {session}, "cols": {"90"}, "rows": {"20"}}.Encode())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.CloseNow() })
	conn.SetReadLimit(1 << 20)
	s := &screen{Conn: conn, t: t}
	require.NoError(t, s.read())
	require.Len(t, s.texts, 1, "the first frame tells of the session")
	if session != "" {
		require.Equal(t, session, s.texts[0]["session"])
	}
	s.resumed = s.texts[0]["resumed"].(bool)
	return s
}

func (s *screen) read() error {
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	kind, frame, err := s.Read(ctx)
	if err != nil {
		return err
	}
	if kind == websocket.MessageBinary {
		s.shown.Write(frame)
		return nil
	}
	var text object
	require.NoError(s.t, json.Unmarshal(frame, &text))
	s.texts = append(s.texts, text)
	return nil
}

func (s *screen) types(line string) {
	s.t.Helper()
	require.NoError(s.t, s.Write(s.t.Context(), websocket.MessageBinary, []byte(line+"\n")))
}

func (s *screen) sees(word string) {
	s.t.Helper()
	for !strings.Contains(s.shown.String(), word) {
		require.NoError(s.t, s.read(), "%q was not shown: %q", word, s.shown.String())
	}
}

// closed waits for the end and gives the reason that was told.
func (s *screen) closed() websocket.CloseError {
	s.t.Helper()
	for {
		if err := s.read(); err != nil {
			var told websocket.CloseError
			require.ErrorAs(s.t, err, &told)
			return told
		}
	}
}

// pid has the shell tell its own.
func (s *screen) pid() string {
	s.t.Helper()
	s.shown.Reset()
	s.types(`echo "pid is $$ and" no more`)
	s.sees(" and no more")
	_, rest, _ := strings.Cut(s.shown.String(), "\rpid is ")
	pid, _, _ := strings.Cut(rest, " ")
	require.NotEmpty(s.t, pid)
	return pid
}

func TestATerminalOutlivesItsPageAndThePlatformsPrograms(t *testing.T) {
	ada, _ := tenants(t)
	page := ada.terminal(t, ada.workspace, "main")
	require.False(t, page.resumed)
	page.types("stty size; echo $TERM in $PWD")
	page.sees("20 90\r\n")
	page.sees("xterm-256color in /workspaces/project")
	require.NoError(t, page.Write(t.Context(), websocket.MessageText, []byte(`{"resize":{"cols":101,"rows":33}}`)))
	page.types(`until [ "$(stty size)" = "33 101" ]; do :; done; echo resi""zed`)
	page.sees("resized")
	pid := page.pid()
	// Fault 1 and 23: the programs that carried it are killed.
	for _, program := range []string{"gatewayd", "ided"} {
		ada.p.kill(program)
		var err error
		for err == nil { // until the connection is gone
			err = page.read()
		}
		ada.p.start()
		page = ada.terminal(t, ada.workspace, "main")
		require.True(t, page.resumed)
		page.sees("resized")
		require.Equal(t, pid, page.pid(), "it is the same shell after "+program)
	}

	other := ada.terminal(t, ada.workspace, "main")
	require.Equal(t, websocket.CloseError{Code: websocket.StatusPolicyViolation, Reason: "TERMINAL_TAKEN_OVER"}, page.closed())
	require.NoError(t, other.Write(t.Context(), websocket.MessageText, []byte(`{"resize":{"cols":0,"rows":33}}`)))
	require.Equal(t, websocket.CloseError{Code: websocket.StatusPolicyViolation, Reason: "FRAME_INVALID"}, other.closed())
	last := ada.terminal(t, ada.workspace, "main")
	last.types("exit 3")
	require.Equal(t, websocket.StatusNormalClosure, last.closed().Code)
	require.Equal(t, object{"exit": object{"code": 3.0}}, last.texts[1])
	require.False(t, ada.terminal(t, ada.workspace, "main").resumed, "a new shell")
	require.NotEmpty(t, ada.terminal(t, ada.workspace, "").texts[0]["session"], "one without a name is given one")

	var opened int
	require.NoError(t, ada.p.database(t).QueryRow(t.Context(),
		`SELECT count(*) FROM audit.audit_log WHERE event_type = 'workspace.open_terminal' AND resource_id = $1 AND NOT metadata::text LIKE '%pid is%'`, ada.workspace).Scan(&opened))
	require.GreaterOrEqual(t, opened, 5)
}

func TestTerminalsAreRefused(t *testing.T) {
	ada, eve := tenants(t)
	stopped := eve.must("POST", "/api/ide/workspaces", object{"name": "stopped"})["id"].(string)
	stranger := ada.p.browser(t)
	for what, c := range map[string]struct {
		by                       *browser
		workspace, query, reason string
		headers                  []string
		status                   int
	}{
		"an evil origin":             {by: ada.browser, workspace: ada.workspace, headers: []string{"Origin", "https://evil.example"}, status: 403},
		"a null origin":              {by: ada.browser, workspace: ada.workspace, headers: []string{"Origin", "null"}, status: 403},
		"no origin":                  {by: ada.browser, workspace: ada.workspace, headers: []string{"Origin", ""}, status: 403},
		"the workspace's own origin": {by: ada.browser, workspace: ada.workspace, headers: []string{"Origin", ada.origin()}, status: 403},
		"nobody":                     {by: stranger, workspace: ada.workspace, status: 401},
		"somebody else":              {by: eve.browser, workspace: ada.workspace, status: 404, reason: "WORKSPACE_NOT_FOUND"},
		"no such workspace":          {by: eve.browser, workspace: uuid.NewString(), status: 404, reason: "WORKSPACE_NOT_FOUND"},
		"no id":                      {by: eve.browser, workspace: "x", status: 400},
		"a stopped workspace":        {by: eve.browser, workspace: stopped, status: 409, reason: "WORKSPACE_NOT_RUNNING"},
		"no columns":                 {by: eve.browser, workspace: eve.workspace, query: "cols=0", status: 400},
		"too many rows":              {by: eve.browser, workspace: eve.workspace, query: "rows=100000", status: 400},
		"more than a number holds":   {by: eve.browser, workspace: eve.workspace, query: "rows=99999999999", status: 400},
		"rows that are no number":    {by: eve.browser, workspace: eve.workspace, query: "rows=ten", status: 400},
		"a session that is a path":   {by: eve.browser, workspace: eve.workspace, query: "session=../x", status: 400},
		"a session that is no UTF-8": {by: eve.browser, workspace: eve.workspace, query: "session=%ff", status: 400},
		"a token without the scope":  {by: stranger, workspace: eve.workspace, headers: []string{"Authorization", "Bearer " + scoped(eve.browser, "chat"), "Origin", ""}, status: 403},
	} {
		t.Run(what, func(t *testing.T) {
			conn, response, err := c.by.dialTerminal(t.Context(), c.workspace, c.query, c.headers...)
			if err == nil {
				_ = conn.CloseNow()
			}
			require.Error(t, err)
			require.NotNil(t, response)
			require.Equal(t, c.status, response.StatusCode)
			if c.reason != "" {
				var text bytes.Buffer
				_, _ = text.ReadFrom(response.Body)
				require.Contains(t, text.String(), c.reason)
			}
		})
	}
	for workspace, reason := range map[string]string{stopped: "WORKSPACE_NOT_RUNNING", ada.workspace: "WORKSPACE_NOT_FOUND"} {
		page, _, err := eve.dialTerminal(t.Context(), workspace, "refusal=close")
		require.NoError(t, err, "a page is told in the one way that it understands")
		_, _, err = page.Read(t.Context())
		var closed websocket.CloseError
		require.ErrorAs(t, err, &closed)
		require.Equal(t, reason, closed.Reason)
	}
	conn, _, err := stranger.dialTerminal(t.Context(), eve.workspace, "", "Authorization", "Bearer "+scoped(eve.browser, "ide"), "Origin", "")
	require.NoError(t, err, "a script with a token is no browser and has no origin")
	_ = conn.CloseNow()
}

func scoped(b *browser, scopes ...string) string {
	s, _ := b.token(scopes...)
	return s.token
}

// Row 6 of the attacks, for terminals.
func TestAttack06ATerminalEndsWithItsSession(t *testing.T) {
	ada, _ := tenants(t)
	device := ada.p.browser(t)
	device.must("POST", "/api/auth/login", object{"login": "adaide@example.com", "password": "a long enough passphrase"})
	session := device.must("GET", "/api/auth/session", nil)["session"].(object)["id"].(string)
	page := device.terminal(t, ada.workspace, "device")
	page.types(`(while sleep 0.1; do echo still""here; done) &`)
	page.sees("stillhere")
	began := time.Now()
	ada.must("DELETE", "/api/auth/sessions/"+session, nil)
	require.Equal(t, websocket.CloseError{Code: websocket.StatusPolicyViolation, Reason: "SESSION_ENDED"}, page.closed())
	require.Less(t, time.Since(began), 5*time.Second)
	_, response, err := device.dialTerminal(t.Context(), ada.workspace, "session=device")
	require.Error(t, err)
	require.Equal(t, http.StatusUnauthorized, response.StatusCode)
	again := ada.terminal(t, ada.workspace, "device")
	require.True(t, again.resumed, "the shell is its owner's still")
	again.types("exit")
}
