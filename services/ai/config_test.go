package ai_test

import (
	"fmt"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ai"
)

// fromFlags is a configuration as the command line gives it.
func fromFlags(t *testing.T, args ...string) ai.Config {
	t.Helper()
	var cfg ai.Config
	parser, err := kong.New(&cfg, kong.Exit(func(int) {}))
	require.NoError(t, err)
	_, err = parser.Parse(args)
	require.NoError(t, err)
	return cfg
}

func TestDefaultsAreValid(t *testing.T) {
	for _, name := range []string{"ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ATRIUM_AI_OPENAI_BASE_URL"} {
		t.Setenv(name, "")
	}
	require.NoError(t, fromFlags(t).Validate())
	require.NoError(t, fromFlags(t, "--anthropic-api-key=k").Validate())
	require.NoError(t, fromFlags(t, "--ai-openai-base-url=http://127.0.0.1:11434/v1", "--ai-openai-models=llama=0/0,gpt-4o").Validate())
	require.Equal(t, "claude-sonnet-4-5-20250929", fromFlags(t).DefaultModel)
}

func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	cfg := settings()
	cfg.AnthropicKey, cfg.AnthropicBaseURL = key, "https://user:hunter2@example.org"
	cfg.AnthropicModels = []string{"m=cheap", "n", "n", ""}
	cfg.DefaultModel = "missing"
	cfg.OpenAIModels = []string{"x"}
	cfg.MaxTokens, cfg.Attempts, cfg.IdleTimeout, cfg.DemoWords = 0, 0, 0, -1
	err := cfg.Validate()
	require.Error(t, err)
	for _, name := range []string{
		"ANTHROPIC_BASE_URL", "ATRIUM_AI_ANTHROPIC_MODELS: model m", `"n" is offered twice`, "id is empty", "ATRIUM_AI_DEFAULT_MODEL",
		"ATRIUM_AI_OPENAI_BASE_URL", "ATRIUM_AI_MAX_TOKENS", "ATRIUM_AI_ATTEMPTS", "ATRIUM_AI_IDLE_TIMEOUT", "ATRIUM_AI_DEMO_WORDS_PER_SECOND",
	} {
		require.Contains(t, err.Error(), name)
	}
	require.NotContains(t, err.Error(), "hunter2")
	require.NotContains(t, err.Error(), key)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", cfg, cfg, cfg), key)
}
