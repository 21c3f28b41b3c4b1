package proxy

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
)

// asleep is the ide service around a stopped workspace.
type asleep struct {
	idev1.WorkspaceServiceClient
	owner  uuid.UUID
	starts int
	status string
}

func (s *asleep) StartWorkspace(ctx context.Context, _ *idev1.StartWorkspaceRequest, _ ...grpc.CallOption) (*idev1.Workspace, error) {
	if caller, _ := principal.From(ctx); caller.UserID != s.owner {
		return nil, apperr.New(apperr.NotFound, "WORKSPACE_NOT_FOUND", "There is no such workspace.")
	}
	s.starts, s.status = s.starts+1, "starting"
	return &idev1.Workspace{}, nil
}

func (s *asleep) GetWorkspace(context.Context, *idev1.GetWorkspaceRequest, ...grpc.CallOption) (*idev1.Workspace, error) {
	return &idev1.Workspace{Name: "mine", Status: s.status}, nil
}

func (s *asleep) ListEvents(context.Context, *idev1.ListEventsRequest, ...grpc.CallOption) (*idev1.ListEventsResponse, error) {
	at := timestamppb.New(time.Unix(1, 0))
	return &idev1.ListEventsResponse{Events: []*idev1.Event{
		{Step: "stopped", Message: "of before", Time: at}, {Step: "volume", Message: "Preparing your files.", Time: at},
	}}, nil
}

// stopped is a house whose workspace does not run.
func stopped(t *testing.T) (house, *asleep) {
	h := newHouse(t, func(http.ResponseWriter, *http.Request) {})
	s := &asleep{owner: h.services.user, status: "stopped"}
	h.waker.ide = s
	h.forward.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, apperr.New(apperr.Conflict, "WORKSPACE_NOT_RUNNING", "The workspace is not running.")
	}
	return h, s
}

var navigation = map[string]string{"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}

func (h house) post(path string, headers map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, nil)
	r.Host = own
	r.Header.Set("Cookie", CookieName+"=token")
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestAStoppedWorkspaceIsStartedByItsOwnersPage(t *testing.T) {
	h, ide := stopped(t)
	w := h.get(own, navigation)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	require.Contains(t, w.Body.String(), "data-now")
	require.Contains(t, w.Header().Get("Content-Security-Policy"), "frame-ancestors "+public)
	require.Zero(t, ide.starts, "to get the page starts nothing")

	w = h.post(startPath, map[string]string{"Origin": "http://" + own, "Sec-Fetch-Site": "same-origin"})
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.Equal(t, 1, ide.starts)
	require.JSONEq(t, `{"name":"mine","status":"starting","reason":"","steps":[{"message":"Preparing your files.","time":"1970-01-01T00:00:01Z"}]}`, w.Body.String())
}

func TestWhatStartsNoWorkspace(t *testing.T) {
	h, ide := stopped(t)
	// Another page leads here: the person decides.
	led := map[string]string{"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"}
	w := h.get(own, led)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.NotContains(t, w.Body.String(), "data-now")

	// Programs, and what a stale tab still asks for.
	for name, headers := range map[string]map[string]string{
		"a program":       {"Accept": "application/json"},
		"an asset":        {"Accept": "*/*", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Site": "same-origin"},
		"a tab's fetch":   {"Accept": "text/html", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"},
		"a tab's socket":  {"Upgrade": "websocket", "Connection": "Upgrade", "Origin": "http://" + own},
		"an old browser":  {"Accept": "text/html"},
		"no more session": {"Accept": "text/html", "Cookie": ""},
	} {
		w := h.get(own, headers)
		want := http.StatusServiceUnavailable
		if name == "no more session" {
			want = http.StatusUnauthorized
		}
		require.Equal(t, want, w.Code, name)
		require.NotContains(t, w.Body.String(), startPath, name)
		if want == http.StatusServiceUnavailable {
			require.Equal(t, "10", w.Header().Get("Retry-After"), name)
			require.Contains(t, w.Body.String(), "WORKSPACE_NOT_RUNNING", name)
		}
	}

	for name, headers := range map[string]map[string]string{
		"a sibling":           {"Origin": "http://x.ide.atrium.localhost", "Sec-Fetch-Site": "same-site"},
		"the platform":        {"Origin": public, "Sec-Fetch-Site": "same-site"},
		"nobody knows":        {},
		"without the session": {"Origin": "http://" + own, "Cookie": ""},
	} {
		require.GreaterOrEqual(t, h.post(startPath, headers).Code, 400, name)
	}
	require.GreaterOrEqual(t, h.get(own, nil).Code, 400)
	ide.owner = uuid.New() // the workspace is somebody else's
	require.Equal(t, http.StatusNotFound, h.post(startPath, map[string]string{"Origin": "http://" + own}).Code)
	require.Zero(t, ide.starts)
}
