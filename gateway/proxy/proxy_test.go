package proxy

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/redistest"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/session"
)

const (
	public = "http://atrium.localhost"
	own    = "abc.ide.atrium.localhost"
)

// services stand for auth and ide: one ticket, one session, both for own.
type services struct {
	idev1.WorkspaceServiceClient
	user, platform, workspace uuid.UUID
	redeemed, ended           bool
}

func (s *services) RedeemTicket(_ context.Context, in *idev1.RedeemTicketRequest, _ ...grpc.CallOption) (*idev1.RedeemTicketResponse, error) {
	if in.GetTicket() != "ticket" || in.GetHost() != own || s.redeemed {
		return nil, apperr.New(apperr.Unauthenticated, "TICKET_INVALID", "The ticket is not good.")
	}
	s.redeemed = true
	return &idev1.RedeemTicketResponse{SessionToken: "token", Location: "/?folder=/w", ExpiresAt: timestamppb.New(time.Now().Add(time.Hour))}, nil
}

func (s *services) ValidateWorkspaceSession(context.Context, *idev1.ValidateWorkspaceSessionRequest, ...grpc.CallOption) (*idev1.ValidateWorkspaceSessionResponse, error) {
	return &idev1.ValidateWorkspaceSessionResponse{
		WorkspaceId: s.workspace.String(), UserId: s.user.String(), SessionId: s.platform.String(),
		Host: own, ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
	}, nil
}

func (s *services) ValidateAPIToken(context.Context, *authv1.ValidateAPITokenRequest, ...grpc.CallOption) (*authv1.ValidateAPITokenResponse, error) {
	return nil, apperr.New(apperr.Unauthenticated, "TOKEN_INVALID", "Workspaces take no tokens.")
}

func (s *services) ValidateSession(context.Context, *authv1.ValidateSessionRequest, ...grpc.CallOption) (*authv1.ValidateSessionResponse, error) {
	if s.ended {
		return nil, apperr.New(apperr.Unauthenticated, "SESSION_ENDED", "The session has ended.")
	}
	return &authv1.ValidateSessionResponse{Holder: &authv1.Holder{
		UserId: s.user.String(), SessionId: s.platform.String(), ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
	}}, nil
}

// house is a proxy before a workspace that does what behind says.
type house struct {
	*Proxy
	services *services
}

func newHouse(t *testing.T, behind http.HandlerFunc) house {
	t.Helper()
	server := httptest.NewServer(behind)
	t.Cleanup(server.Close)
	client, err := redisdb.Open(redistest.New(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	log := slog.New(slog.DiscardHandler)
	s := &services{user: uuid.New(), platform: uuid.New(), workspace: uuid.New()}
	sessions := NewSessions(client, s, session.NewStore(client, s, log), log)
	dial := dialer(func(ctx context.Context, id uuid.UUID) (net.Conn, error) {
		require.Equal(t, s.workspace, id)
		return (&net.Dialer{}).DialContext(ctx, "tcp", server.Listener.Addr().String())
	})
	return house{New(Config{PublicOrigin: public, Scheme: "http"}, sessions, session.NewStreams(), dial, log), s}
}

type dialer func(context.Context, uuid.UUID) (net.Conn, error)

func (d dialer) DialWorkspace(ctx context.Context, id uuid.UUID, _ int) (net.Conn, error) {
	return d(ctx, id)
}

// get asks the proxy as a signed-in browser does, unless the headers say otherwise.
func (h house) get(host string, headers map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/page", nil)
	r.Host = host
	r.Header.Set("Cookie", CookieName+"=token")
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func (h house) enter(ticket, from string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, EnterPath, strings.NewReader(url.Values{"ticket": {ticket}}.Encode()))
	r.Host = own
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", from)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestATicketBecomesACookieOnce(t *testing.T) {
	h := newHouse(t, func(http.ResponseWriter, *http.Request) {})
	require.Equal(t, http.StatusForbidden, h.enter("ticket", "http://evil.ide.atrium.localhost").Code)
	require.Equal(t, http.StatusUnauthorized, h.enter("made up", public).Code)

	w := h.enter("ticket", public)
	require.Equal(t, http.StatusSeeOther, w.Code)
	require.Equal(t, "/?folder=/w", w.Header().Get("Location"))
	cookie := w.Result().Cookies()[0]
	require.Equal(t, CookieName, cookie.Name)
	require.True(t, cookie.HttpOnly && cookie.Secure && cookie.Domain == "" && cookie.Path == "/")
	require.NotContains(t, w.Header().Get("Location"), "ticket")

	require.Equal(t, http.StatusUnauthorized, h.enter("ticket", public).Code, "a second time")
}

func TestTheEditorBeginsWithAFileOfTheWorkspace(t *testing.T) {
	for file, want := range map[string]string{
		"src/a b.go": `[["openFile","vscode-remote://` + own + `/w/src/a%20b.go"]]`,
		"":           "", "../etc/passwd": "", "/etc/passwd": "", "a/../../b": "",
	} {
		location, err := url.Parse(withFile("/?folder=/w", own, file, ""))
		require.NoError(t, err)
		require.Equal(t, "/w", location.Query().Get("folder"), file)
		require.Equal(t, want, location.Query().Get("payload"), file)
	}
	require.Equal(t, "/", withFile("/", own, "a", ""))
	for line, want := range map[string]string{
		"12": `[["openFile","vscode-remote://` + own + `/w/a.py:12:1"],["gotoLineMode","true"]]`,
		"0":  `[["openFile","vscode-remote://` + own + `/w/a.py"]]`, "-1": `[["openFile","vscode-remote://` + own + `/w/a.py"]]`,
		"1:2": `[["openFile","vscode-remote://` + own + `/w/a.py"]]`,
	} {
		location, err := url.Parse(withFile("/?folder=/w", own, "a.py", line))
		require.NoError(t, err)
		require.Equal(t, want, location.Query().Get("payload"), line)
	}
}

func TestTheWorkspaceSeesNoCredential(t *testing.T) {
	var seen http.Header
	h := newHouse(t, func(_ http.ResponseWriter, r *http.Request) { seen = r.Header.Clone() })
	w := h.get(own, map[string]string{
		"Cookie":            CookieName + "=token; " + session.CookieName + "=platform; theme=dark",
		"Authorization":     "Bearer api-token",
		"X-Api-Key":         "api-token",
		"X-Atrium-Identity": "forged",
		"X_atrium_Identity": "forged",
		"X-Forwarded-For":   "6.6.6.6",
	})
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, "theme=dark", seen.Get("Cookie"))
	for name, values := range seen {
		for _, value := range values {
			require.NotContains(t, value, "token", name)
			require.NotContains(t, value, "forged", name)
			require.NotContains(t, value, "6.6.6.6", name)
		}
	}
}

func TestTheWorkspaceSetsCookiesForItselfOnly(t *testing.T) {
	h := newHouse(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Set-Cookie", session.CookieName+"=stolen; Path=/; Secure")
		w.Header().Add("Set-Cookie", "wide=1; Domain=atrium.localhost; Path=/")
	})
	cookies := h.get(own, nil).Result().Cookies()
	require.Len(t, cookies, 1)
	require.Equal(t, "wide", cookies[0].Name)
	require.Empty(t, cookies[0].Domain)
}

func TestOnlyThePlatformMayFrameIt(t *testing.T) {
	h := newHouse(t, func(http.ResponseWriter, *http.Request) {})
	require.Contains(t, h.get(own, nil).Header().Values("Content-Security-Policy"), "frame-ancestors 'self' "+public)
}

func TestWhoIsNotLetIn(t *testing.T) {
	h := newHouse(t, func(http.ResponseWriter, *http.Request) {})
	upgrade := func(from string) map[string]string {
		return map[string]string{"Upgrade": "websocket", "Connection": "Upgrade", "Origin": from}
	}
	cases := []struct {
		name    string
		host    string
		headers map[string]string
		want    int
	}{
		{"the owner", own, nil, http.StatusOK},
		{"without a cookie", own, map[string]string{"Cookie": ""}, http.StatusUnauthorized},
		{"on another workspace's host", "other.ide.atrium.localhost", nil, http.StatusUnauthorized},
		{"a sibling's script", own, map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"}, http.StatusForbidden},
		{"another site's image", own, map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, http.StatusForbidden},
		{"the platform's frame", own, map[string]string{"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"}, http.StatusOK},
		{"a sibling's fetch", own, map[string]string{"Origin": "http://x.ide.atrium.localhost"}, http.StatusForbidden},
		{"a sibling's WebSocket", own, upgrade("http://x.ide.atrium.localhost"), http.StatusForbidden},
		{"the platform's WebSocket", own, upgrade(public), http.StatusForbidden},
		{"a WebSocket of no origin", own, upgrade(""), http.StatusForbidden},
		{"a WebSocket of a null origin", own, upgrade("null"), http.StatusForbidden},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, h.get(tc.host, tc.headers).Code)
		})
	}
}

func TestTheWorkspaceCookieEndsWithThePlatformSession(t *testing.T) {
	h := newHouse(t, func(http.ResponseWriter, *http.Request) {})
	h.services.ended = true
	require.Equal(t, http.StatusUnauthorized, h.get(own, nil).Code)
}
