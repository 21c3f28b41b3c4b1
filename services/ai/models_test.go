package ai_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai/internal/dbtest"
)

func TestModelsSayWhatTheyCanDo(t *testing.T) {
	cfg := providersFile(t, `
providers:
  - {name: far, type: demo}
models:
  - {id: claude-sonnet-4-5, routes: [{provider: far}]}
  - {id: coder, contextWindow: 32000, capabilities: [fim], routes: [{provider: far, prices: [{price: 3/15/0.30/3.75}]}]}
  - {id: plain, routes: [{provider: far}]}
`)
	h := openHouse(t, cfg, nil, dbtest.Bare(t))
	listed, err := h.client.ListModels(h.as(unlimited), &aiv1.ListModelsRequest{})
	require.NoError(t, err)
	known, coder, plain := listed.GetModels()[0], listed.GetModels()[1], listed.GetModels()[2]
	require.True(t, known.GetCapabilities().GetTools() && known.GetCapabilities().GetImages() && known.GetCapabilities().GetThinking())
	require.False(t, known.GetCapabilities().GetFim())
	require.True(t, coder.GetCapabilities().GetFim())
	require.False(t, coder.GetCapabilities().GetTools())
	require.InDelta(t, 0.30, coder.GetCacheReadUsdPerMTok(), 0)
	require.InDelta(t, 3.75, coder.GetCacheWriteUsdPerMTok(), 0)
	require.NotNil(t, plain.GetCapabilities())
	require.False(t, plain.GetCapabilities().GetTools(), "what nobody said is not promised")
	wrong := providersFile(t, `
providers: [{name: far, type: demo}]
models: [{id: m, capabilities: [flying], routes: [{provider: far}]}]
`)
	require.ErrorContains(t, wrong.Validate(), `not "flying"`)
}

func TestAPromptIsCountedOrEstimatedAndCostsNothing(t *testing.T) {
	h := anthropicHouse(t)
	counted, err := h.client.CountTokens(h.as(unlimited), question("How long is this?"))
	require.NoError(t, err)
	require.Equal(t, "provider", counted.GetCountedBy())
	require.Equal(t, fakeai.Tokens("How long is this?")+4, int64(counted.GetInputTokens()))

	h.far.Close()
	counted, err = h.client.CountTokens(h.as(unlimited), question("How long is this?"))
	require.NoError(t, err)
	require.Equal(t, "estimated", counted.GetCountedBy())
	require.Positive(t, counted.GetInputTokens())
	require.Zero(t, h.db.Count(t, `SELECT count(*) FROM ai.ai_usage`))
}
