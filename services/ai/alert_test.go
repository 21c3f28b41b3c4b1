package ai_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/services/ai"
)

func TestTheOperatorsHookHearsThatAPlanIsUsedUp(t *testing.T) {
	t.Parallel()
	bodies := make(chan []byte, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		bodies <- text
	}))
	defer hook.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("0123456789abcdef0123456789abcdef\n"), 0o600))
	h := anthropicHouse(t, func(c *ai.Config) {
		c.AlertWebhook, c.AlertSecretFile = config.Secret(hook.URL+"/key-canary"), secret
	})
	h.far.Push(fakeai.Script{Text: "x", Counts: &fakeai.Counts{Input: 10, Output: 980}})
	require.NoError(t, h.ask(h.as(1100), question(prompt)).err)
	for range 3 {
		require.Equal(t, "QUOTA_EXCEEDED", reason(h.ask(h.as(1100), question(prompt)).err))
	}
	var got struct {
		Data struct {
			Kind, UserID            string
			Percent                 int
			UsedTokens, LimitTokens int64
		}
	}
	told := []int{}
	for range 3 { // the refusal has the other thresholds looked at too
		require.NoError(t, json.Unmarshal(<-bodies, &got))
		told = append(told, got.Data.Percent)
	}
	require.ElementsMatch(t, []int{50, 80, 100}, told)
	require.Equal(t, "tokens", got.Data.Kind)
	require.Equal(t, h.user.String(), got.Data.UserID)
	require.Equal(t, int64(990), got.Data.UsedTokens, "the figure that the refusal tells")
	require.Equal(t, int64(1100), got.Data.LimitTokens)
	require.NotContains(t, h.log.String(), "key-canary")
	require.NoError(t, h.service.Stop(t.Context()))
	require.Empty(t, bodies, "each once")
}

func TestAHookWithoutASecretIsNone(t *testing.T) {
	t.Parallel()
	cfg := settings()
	cfg.AlertWebhook = "https://hooks.example.org/key-canary"
	err := cfg.Validate()
	require.ErrorContains(t, err, "ATRIUM_AI_ALERT_WEBHOOK_SECRET_FILE")
	cfg.AlertSecretFile = filepath.Join(t.TempDir(), "none")
	err = cfg.Validate()
	require.ErrorContains(t, err, "ATRIUM_AI_ALERT_WEBHOOK_SECRET_FILE")
	require.NotContains(t, err.Error(), "key-canary")
	cfg.AlertWebhook = ""
	require.ErrorContains(t, cfg.Validate(), "ATRIUM_AI_ALERT_WEBHOOK_URL")
}
