package webhook_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ai/internal/alert"
	"atrium.internal/services/ai/internal/webhook"
)

func TestMain(m *testing.M) { leak.Main(m) }

const secret = "0123456789abcdef0123456789abcdef"

func mayday() time.Time { return time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) }

func example() alert.Alert {
	user := uuid.MustParse("0190a0a0-0000-7000-8000-000000000001")
	return alert.Alert{
		ID: uuid.MustParse("0190a0a0-0000-7000-8000-000000000002"), UserID: &user, Username: "ada", Kind: alert.Budget,
		Month: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Percent: 80, Used: 4_100_000, Limit: 5_000_000, RaisedAt: mayday(),
	}
}

func TestTheSignatureIsTheSpecifications(t *testing.T) {
	t.Parallel()
	// Made with openssl dgst -sha256 -hmac.
	require.Equal(t, "v1,JnpMgccJRCXQOHEAusXOhmvzdVkcKB9oIEQHIgYuOio=",
		webhook.Sign([]byte(secret), "0190a0a0-0000-7000-8000-000000000002", mayday(), []byte(`{"a":1}`)))
}

func TestAnAlertArrivesSigned(t *testing.T) {
	t.Parallel()
	var got *http.Request
	var text []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		text, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
	}))
	defer server.Close()
	hook, err := webhook.New(config.Secret(server.URL+"/hook"), secret, mayday)
	require.NoError(t, err)
	require.NoError(t, hook.Send(t.Context(), example()))
	require.Equal(t, http.MethodPost, got.Method)
	require.Equal(t, "/hook", got.URL.Path)
	require.Equal(t, "0190a0a0-0000-7000-8000-000000000002", got.Header.Get("Webhook-Id"))
	require.Equal(t, "1777636800", got.Header.Get("Webhook-Timestamp"))
	require.Equal(t, webhook.Sign([]byte(secret), got.Header.Get("Webhook-Id"), mayday(), text), got.Header.Get("Webhook-Signature"))
	require.JSONEq(t, `{"type":"ai.budget.alert","timestamp":"2026-05-01T12:00:00Z","data":{
		"id":"0190a0a0-0000-7000-8000-000000000002","scope":"user","userId":"0190a0a0-0000-7000-8000-000000000001","username":"ada",
		"kind":"budget","percent":80,"month":"2026-05","resetsAt":"2026-06-01T00:00:00Z","usedUsd":4.1,"limitUsd":5}}`, string(text))

	whole := example()
	whole.UserID, whole.Username, whole.Kind = nil, "", alert.Tokens
	require.NoError(t, hook.Send(t.Context(), whole))
	var sent struct{ Data map[string]any }
	require.NoError(t, json.Unmarshal(text, &sent))
	require.Equal(t, "deployment", sent.Data["scope"])
	require.InDelta(t, 4_100_000, sent.Data["usedTokens"], 0)
	require.NotContains(t, sent.Data, "userId")
	require.NotContains(t, sent.Data, "usedUsd")
}

func TestWhatDoesNotArriveIsToldInAWord(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer server.Close()
	for address, reason := range map[string]string{
		server.URL + "/key-3f9a": "HTTP_503", server.URL + "/moved": "HTTP_307", "http://127.0.0.1:1/key-3f9a": "UNREACHABLE",
	} {
		hook, err := webhook.New(config.Secret(address), secret, mayday)
		require.NoError(t, err)
		err = hook.Send(t.Context(), example())
		var failure *alert.SendError
		require.ErrorAs(t, err, &failure)
		require.Equal(t, reason, failure.Reason)
		require.NotContains(t, err.Error(), "key-3f9a", "an address may hold a key")
	}
}

func TestWhatCanNotBeAHookIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, secret string }{
		{"ftp://example.org", secret},
		{"example.org/hook", secret},
		{"https://user:canary@example.org", secret},
		{"https://example.org", "short"},
		{"https://example.org", "whsec_!"},
		{"https://example.org", "whsec_YWJj"},
	} {
		_, err := webhook.New(config.Secret(c.address), c.secret, mayday)
		require.Error(t, err, c)
		require.NotContains(t, err.Error(), "canary")
	}
	_, err := webhook.New("http://10.0.0.7:9000/hook", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", mayday)
	require.NoError(t, err, "the operator's own network is the operator's to choose")
}
