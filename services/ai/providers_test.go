package ai_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/services/ai"
	"atrium.internal/services/ai/internal/dbtest"
)

func providersFile(t *testing.T, text string) ai.Config {
	t.Helper()
	cfg := settings()
	cfg.ProvidersFile = filepath.Join(t.TempDir(), "providers.yaml")
	require.NoError(t, os.WriteFile(cfg.ProvidersFile, []byte(text), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(cfg.ProvidersFile), "the.key"), []byte(key+"\n"), 0o600))
	return cfg
}

func TestProvidersComeFromAFile(t *testing.T) {
	cfg := providersFile(t, `
providers:
  - {name: anthropic, type: anthropic, apiKeyFile: the.key}
  - {name: spare, type: openai, baseUrl: "http://127.0.0.1:1/v1", connectTimeout: 2s}
models:
  - id: claude
    displayName: Claude
    routes:
      - {provider: anthropic, model: claude-sonnet-4-5-20250929}
      - provider: spare
        prices: [{from: 2026-01-01, price: 2/8}, {price: 3/15/0.30/3.75}]
`)
	require.NoError(t, cfg.Validate())
}

func TestEveryFaultOfTheFileIsReportedAtOnce(t *testing.T) {
	cfg := providersFile(t, `
providers:
  - {name: a, type: anthropic}
  - {name: b, type: openai}
  - {name: c, type: llama, baseUrl: "http://user:hunter2@localhost"}
  - {name: d, type: demo}
  - {name: d, type: demo}
  - {name: e, type: openai, baseUrl: "http://x", apiKeyFile: missing.key}
  - {name: f, type: demo, idleTimeout: -1s}
models:
  - {id: m, routes: [{provider: nobody}, {provider: d, prices: [{price: cheap}]}]}
  - {id: n, routes: [{provider: d, prices: [{from: soon, price: 1/2}]}, {provider: d}]}
  - {id: o}
  - {id: p, routes: [{provider: d}]}
  - {id: p, routes: [{provider: d}]}
default: q
`)
	err := cfg.Validate()
	require.Error(t, err)
	for _, part := range []string{
		"ATRIUM_AI_PROVIDERS", "providers[0] a: apiKey or apiKeyFile", "providers[1] b: baseUrl", "providers[2] c: baseUrl", "providers[4] d: the name is there twice",
		"providers[5] e: apiKeyFile", "providers[6] f: idleTimeout", `routes[0]: provider: there is none called "nobody"`, "cheap", "from: want a day", "provider d is there twice",
		`model "o" has no provider`, `"p" is offered twice`,
	} {
		require.Contains(t, err.Error(), part)
	}
	require.NotContains(t, err.Error(), "hunter2")
}

func TestAFileThatCanNotBeMeantIsRefused(t *testing.T) {
	for text, part := range map[string]string{
		"models: [{id: m}]\nprovider: []": "provider",
		"providers: []":                   "name at least one",
		"{":                               "providers.yaml",
		"providers: [{name: d, type: demo}]\nmodels: [{id: m, routes: [{provider: d}]}]\ndefault: x": `"x"`,
	} {
		require.ErrorContains(t, providersFile(t, text).Validate(), part, text)
	}
	both := providersFile(t, "providers: [{name: d, type: demo}]\nmodels: [{id: m, routes: [{provider: d}]}]")
	require.NoError(t, both.Validate())
	both.AnthropicKey = key
	require.ErrorContains(t, both.Validate(), "ANTHROPIC_API_KEY")
	gone := settings()
	gone.ProvidersFile = "/nowhere/providers.yaml"
	require.ErrorContains(t, gone.Validate(), "ATRIUM_AI_PROVIDERS")
}

// Each provider has its own patience: one that hangs does not keep the caller
// from one that answers, and one that thinks for long may.
func TestEachProviderHasItsOwnTimeouts(t *testing.T) {
	t.Parallel()
	far := fakeai.New(t, fakeai.Options{Key: key})
	// Whoever connects here waits for a TLS handshake that never comes.
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer deaf.Close()
	cfg := providersFile(t, fmt.Sprintf(`
providers:
  - {name: quick, type: anthropic, apiKeyFile: the.key, baseUrl: %q, firstTokenTimeout: 100ms, idleTimeout: 150ms}
  - {name: patient, type: openai, apiKeyFile: the.key, baseUrl: %q}
  - {name: deaf, type: openai, baseUrl: "https://%s/v1", connectTimeout: 100ms}
models:
  - {id: deaf, routes: [{provider: deaf}]}
  - {id: both, routes: [{provider: quick}, {provider: patient, prices: [{price: 1/2}]}]}
  - {id: quick, routes: [{provider: quick}]}
  - {id: patient, routes: [{provider: patient}]}
`, far.AnthropicURL(), far.OpenAIURL(), deaf.Addr()))
	cfg.ConnectTimeout = time.Hour
	h := openHouse(t, cfg, far, dbtest.Bare(t))
	ask := func(model string, script ...fakeai.Script) answer {
		far.Push(script...)
		q := question(prompt)
		q.Model = model
		return h.ask(h.as(unlimited), q)
	}
	slow := fakeai.Script{Text: "one two", First: 400 * time.Millisecond, Delay: 300 * time.Millisecond}
	require.Equal(t, "PROVIDER_TIMEOUT", reason(ask("quick", slow).err), "the first token")
	got := ask("patient", slow)
	require.NoError(t, got.err)
	require.Equal(t, "one two", got.text)
	require.Equal(t, "PROVIDER_TIMEOUT", reason(ask("quick", fakeai.Script{Text: "one two", End: fakeai.Hang, After: 1}).err), "idle")
	require.Equal(t, "PROVIDER_UNREACHABLE", reason(ask("deaf").err), "connecting")
	got = ask("both", slow, slow)
	require.NoError(t, got.err)
	require.Equal(t, "patient", got.started.GetProvider())
}

// Across two wire formats: users ask for one model and see one answer, the
// ledger has the price of whoever gave it.
func TestAnotherProviderTakesOver(t *testing.T) {
	t.Parallel()
	first, spare := fakeai.New(t, fakeai.Options{Key: key}), fakeai.New(t, fakeai.Options{Key: key})
	cfg := providersFile(t, fmt.Sprintf(`
providers:
  - {name: first, type: anthropic, apiKeyFile: the.key, baseUrl: %q}
  - {name: spare, type: openai, apiKeyFile: the.key, baseUrl: %q}
models:
  - id: clever
    routes:
      - {provider: first, model: claude-sonnet-4-5-20250929}
      - {provider: spare, model: gpt-4o, prices: [{price: 1/2}]}
`, first.AnthropicURL(), spare.OpenAIURL()))
	h := openHouse(t, cfg, first, dbtest.Bare(t))
	first.Push(fakeai.Script{Status: http.StatusTooManyRequests, RetryAfter: time.Hour})
	spare.Push(fakeai.Script{Text: "from the spare one", Counts: &fakeai.Counts{Input: 1000, Output: 500}})

	got := h.ask(h.as(unlimited), question(prompt))
	require.NoError(t, got.err)
	require.Equal(t, "from the spare one", got.text)
	require.Equal(t, "clever", got.started.GetModel())
	require.Equal(t, "spare", got.started.GetProvider())
	require.Equal(t, int64(1000*1+500*2), got.usage.GetCostMicroUsd())
	require.Contains(t, string(spare.Calls()[0].Body), `"gpt-4o"`)
	require.Equal(t, int64(1), h.db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE provider = 'first' AND status = 'released' AND model = 'clever'`))
	require.Equal(t, int64(1), h.db.Count(t, `SELECT count(*) FROM ai.ai_usage WHERE provider = 'spare' AND status = 'settled' AND cost_micro_usd = 2000`))
	require.Equal(t, int64(1500), h.used())
}
