package files

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"
)

func TestWhatIsNotUTF8IsTheCallersMistake(t *testing.T) {
	t.Parallel()
	h := &Handler{ // without a client: nothing is asked
		FileLimit: 10, Log: slog.New(slog.DiscardHandler),
		Bind: func(r *http.Request, _ principal.Principal) (context.Context, func()) { return r.Context(), func() {} },
	}
	for method, serve := range map[string]http.HandlerFunc{"GET": h.Read, "PUT": h.Write, "DELETE": h.Delete} {
		for workspace, path := range map[string]string{uuid.NewString(): "\xff", "\xfe": "a"} {
			r := httptest.NewRequest(method, "/?path="+url.QueryEscape(path), nil)
			r.SetPathValue("workspace", workspace)
			r = r.WithContext(principal.With(r.Context(), principal.Principal{Kind: principal.User, UserID: uuid.New()}))
			w := httptest.NewRecorder()
			serve(w, r)
			require.Equal(t, http.StatusBadRequest, w.Code, "%s %q: %s", method, path, w.Body)
			require.Contains(t, w.Body.String(), "PATH_INVALID")
		}
	}
}

func TestEntityTagsAreReadAsHTTPHasThem(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"a", "b", "*"}, tags([]string{`"a", W/"b"`, "*"}, true))
	require.NotContains(t, tags([]string{`W/"b"`}, false), "b", "a weak one never matches")
	require.Empty(t, tags(nil, true))
	require.Equal(t, []string{"\ufffd"}, tags([]string{"\"\xff\""}, true))
}
