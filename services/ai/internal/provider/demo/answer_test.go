package demo_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/provider/demo"
)

func say(t *testing.T, p *demo.Provider, call generate.Call) (string, generate.Report) {
	t.Helper()
	var text strings.Builder
	report, err := p.Stream(t.Context(), call, func(piece generate.Piece) error { text.WriteString(piece.Text); return nil })
	require.NoError(t, err)
	return text.String(), report
}

func call(source, text string) generate.Call {
	return generate.Call{Model: demo.Model, Source: source, MaxTokens: 4096, Messages: []generate.Message{{Role: generate.User, Parts: generate.Plain(text)}}}
}

func TestEveryAnswerSaysWhoseItIs(t *testing.T) {
	const prompt = "Look at this python code:\n```python\nprint('hi')\n```"
	for _, source := range []string{"chat", "ai.chat", "ide.complete", "ide.explain", "ide.debug", "ide.refactor"} {
		text, first := say(t, demo.New(0), call(source, prompt))
		require.Contains(t, text, "Demo provider: ", source)
		again, second := say(t, demo.New(0), call(source, prompt))
		require.Equal(t, text, again)
		require.Equal(t, first, second)
	}
	refactored, _ := say(t, demo.New(0), call("ide.refactor", prompt))
	require.Contains(t, refactored, "print('hi')\n```")
	completed, _ := say(t, demo.New(0), call("ide.complete", prompt))
	require.True(t, strings.HasPrefix(completed, "# "))
}

func TestATitleIsTheQuestionsOwnWords(t *testing.T) {
	title, _ := say(t, demo.New(0), call("chat.title", "<question>\nWhat makes\n  tides?\n</question>\n<answer>\nThe moon.\n</answer>"))
	require.Equal(t, "What makes tides?", title)
}

func TestASummaryDoesNotPretendToBeOne(t *testing.T) {
	summary, _ := say(t, demo.New(0), call("chat.summary", "<message from=\"user\">\nWhat makes tides?\n</message>\n<message from=\"assistant\">\nThe moon.\n</message>"))
	require.Contains(t, summary, "nothing is remembered of 2 older messages")
	require.Contains(t, summary, "“What makes tides?”")
}

func TestALongAnswerTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		text, report := say(t, demo.New(25), call("chat", "Tell me a long story"))
		words := len(strings.Fields(text))
		require.Greater(t, words, 300)
		require.InDelta(t, float64(words)/25, time.Since(start).Seconds(), 1)
		require.Equal(t, generate.EndTurn, report.StopReason)
	})
}

func TestStopSequencesEndAnAnswer(t *testing.T) {
	c := call("chat", "long")
	c.StopSequences = []string{"Sentence 3"}
	text, report := say(t, demo.New(0), c)
	require.NotContains(t, text, "Sentence 3 ")
	require.Equal(t, generate.StopSequence, report.StopReason)
}

func TestObjectsFitTheirSchema(t *testing.T) {
	c := call("ide.debug", "error\n```go\nx := 1\n```")
	require.NoError(t, json.Unmarshal([]byte(`{"type":"object","$defs":{"node":{"type":"object","properties":{"next":{"$ref":"#/$defs/node"},
		"kind":{"enum":["a","b"]}}}},"properties":{"fixed_code":{"type":"string"},"short":{"type":"string","maxLength":4},
		"n":{"type":"integer","minimum":3},"maybe":{"type":["string","null"]},"list":{"type":"array","items":{"type":"boolean"}},
		"tree":{"$ref":"#/$defs/node"},"either":{"anyOf":[{"const":7},{"type":"string"}]}}}`), &c.Schema))
	text, _ := say(t, demo.New(0), c)
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	require.Equal(t, "x := 1", got["fixed_code"])
	require.Equal(t, "Demo", got["short"])
	require.InDelta(t, 3, got["n"], 0)
	require.IsType(t, "", got["maybe"])
	require.Equal(t, []any{false}, got["list"])
	require.InDelta(t, 7, got["either"], 0)
	require.Equal(t, "a", got["tree"].(map[string]any)["kind"])
}

func TestAnAnswerEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	report, err := demo.New(25).Stream(ctx, call("chat", "long"), func(generate.Piece) error { return nil })
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, report.Final)
}
