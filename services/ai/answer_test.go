package ai_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai"
	"atrium.internal/services/ai/internal/dbtest"
)

// awkward is text whose characters span deltas and writes.
var awkward = []string{"Grüße 👩\u200d👩", "\u200d👧 ", "e", "\u0301", " <b>&\"\\", "\n\t日本", "語 \u2028 end"}

func TestAnthropicsTextAndCountsArriveAsTheyWereSent(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	h.far.Push(fakeai.Script{
		Chunks: awkward, WriteSize: 5,
		Counts: &fakeai.Counts{Input: 2000, CacheRead: 10_000, CacheWrite: 400, Output: 777},
	})
	got := h.ask(h.as(unlimited), question(prompt))
	require.NoError(t, got.err)
	call := h.far.Calls()[0]
	require.Equal(t, call.Sent(), got.text)
	require.Equal(t, claude, got.started.GetModel())
	require.Equal(t, "anthropic", got.started.GetProvider())
	require.Equal(t, "end_turn", got.stop)
	require.Equal(t, "provider", got.usage.GetCountedBy())
	require.Equal(t, []int32{2000, 10_000, 400, 777}, []int32{
		got.usage.GetInputTokens(), got.usage.GetCacheReadTokens(), got.usage.GetCacheWriteTokens(), got.usage.GetOutputTokens(),
	})
	// 2000×3 + 10000×0.30 + 400×3.75 + 777×15 dollars for a million.
	require.Equal(t, int64(22_155), got.usage.GetCostMicroUsd())
	require.Equal(t, int64(13_177), h.used())
	require.Equal(t, int64(1), h.audited("ai.chat", "success", ""))

	require.Equal(t, key, call.Header.Get("x-api-key"))
	require.Equal(t, "2023-06-01", call.Header.Get("anthropic-version"))
	var body struct {
		Stream    bool
		MaxTokens int `json:"max_tokens"`
		Messages  []struct {
			Content []struct {
				CacheControl struct{ Type string } `json:"cache_control"`
			}
		}
	}
	require.NoError(t, json.Unmarshal(call.Body, &body))
	require.True(t, body.Stream)
	require.Equal(t, 1000, body.MaxTokens)
	require.Equal(t, "ephemeral", body.Messages[0].Content[0].CacheControl.Type)
}

func TestASecondTurnReadsTheFirstFromTheCache(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	req := question("[[fake:words=5]] " + longText())
	first := h.ask(h.as(unlimited), req)
	require.NoError(t, first.err)
	require.Positive(t, first.usage.GetCacheWriteTokens())
	second := h.ask(h.as(unlimited), req)
	require.NoError(t, second.err)
	require.Equal(t, first.usage.GetCacheWriteTokens(), second.usage.GetCacheReadTokens())
	require.Less(t, second.usage.GetCostMicroUsd(), first.usage.GetCostMicroUsd())
}

func longText() string {
	text := make([]byte, 6000)
	for i := range text {
		text[i] = "tide moon "[i%10]
	}
	return string(text)
}

func TestAnOpenAICompatibleEndpointServesToo(t *testing.T) {
	t.Parallel()
	far := fakeai.New(t, fakeai.Options{Key: key})
	cfg := settings()
	cfg.OpenAIBaseURL, cfg.OpenAIKey, cfg.OpenAIName = far.OpenAIURL(), key, "lab"
	cfg.OpenAIModels = []string{"local-model=1/2/0.5/1"}
	h := openHouse(t, cfg, far, dbtest.Bare(t))
	far.Push(fakeai.Script{Chunks: awkward, WriteSize: 3, Counts: &fakeai.Counts{Input: 1000, CacheRead: 200, Output: 300}})
	req := question(prompt)
	req.System, req.Source = "Be brief.", "ide.explain"
	got := h.ask(h.as(unlimited), req)
	require.NoError(t, got.err)
	require.Equal(t, far.Calls()[0].Sent(), got.text)
	require.Equal(t, "lab", got.started.GetProvider())
	require.Equal(t, int64(1000+100+600), got.usage.GetCostMicroUsd())
	require.Equal(t, int64(1500), h.used())
	require.Equal(t, "Bearer "+key, far.Calls()[0].Header.Get("Authorization"))
	require.Equal(t, int64(1), h.audited("ai.code.explain", "success", ""))
}

func TestWithoutAKeyTheDemoAnswersAndSaysSo(t *testing.T) {
	t.Parallel()
	h := openHouse(t, settings(), nil, dbtest.Bare(t))
	models, err := h.client.ListModels(h.as(unlimited), &aiv1.ListModelsRequest{})
	require.NoError(t, err)
	require.Len(t, models.GetModels(), 1)
	require.Equal(t, "demo", models.GetModels()[0].GetProvider())
	require.True(t, models.GetModels()[0].GetDefault())

	got := h.ask(h.as(unlimited), question(prompt))
	require.NoError(t, got.err)
	require.Contains(t, got.text, "Demo provider: ")
	require.Zero(t, got.usage.GetCostMicroUsd())
	require.Equal(t, int64(got.usage.GetInputTokens()+got.usage.GetOutputTokens()), h.used())
}

func TestStructuredAnswersAreObjects(t *testing.T) {
	t.Parallel()
	for name, h := range map[string]*house{
		"anthropic": anthropicHouse(t),
		"demo":      openHouse(t, settings(), nil, dbtest.Bare(t)),
	} {
		req := question("Why?\n```go\npanic(1)\n```")
		req.Source = "ide.debug"
		req.ResponseSchema = `{"type":"object","required":["cause","fixedCode","confidence"],"properties":{
			"cause":{"type":"string"},"fixedCode":{"type":"string"},"confidence":{"type":"number","minimum":0,"maximum":1}}}`
		got := h.ask(h.as(unlimited), req)
		require.NoError(t, got.err, name)
		var object struct{ Cause, FixedCode *string }
		require.NoError(t, json.Unmarshal([]byte(got.text), &object), got.text)
		require.NotNil(t, object.Cause)
		require.NotNil(t, object.FixedCode)
		require.Equal(t, int64(1), h.audited("ai.code.debug", "success", ""))
	}
}

func TestModelsCarryTheirPrices(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t, func(c *ai.Config) { c.DefaultModel = "claude-haiku-4-5-20251001" })
	resp, err := h.client.ListModels(h.as(unlimited), &aiv1.ListModelsRequest{})
	require.NoError(t, err)
	require.Len(t, resp.GetModels(), 2)
	sonnet := resp.GetModels()[0]
	require.Equal(t, "Claude Sonnet 4.5", sonnet.GetDisplayName())
	require.InDelta(t, 3, sonnet.GetInputUsdPerMTok(), 0)
	require.InDelta(t, 15, sonnet.GetOutputUsdPerMTok(), 0)
	require.EqualValues(t, 200_000, sonnet.GetContextWindow())
	require.False(t, sonnet.GetDefault())
	require.True(t, resp.GetModels()[1].GetDefault())
}
