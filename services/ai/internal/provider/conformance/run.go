package conformance

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/services/ai/internal/generate"
)

// Key is what the fake far end asks for and what must never show.
const Key = "sk-canary-4f1c9a7e"

// Subject is a provider to test.
type Subject struct {
	Provider generate.Provider
	Model    string
	// Far is the fake that the provider calls; nil if it calls nobody.
	Far *fakeai.Server
}

// Run tests the providers that subject makes, a new one for each test.
func Run(t *testing.T, subject func(t *testing.T) Subject) {
	for name, test := range map[string]func(*testing.T, Subject){
		"streams text and counts it":        streams,
		"keeps to the bound on the answer":  bounded,
		"answers with an object":            structured,
		"uses the tool that it must":        forced,
		"uses tools in a stream":            tools,
		"tools and images arrive":           roundTrip,
		"stops at the consumer's error":     consumerError,
		"stops when the caller goes":        canceled,
		"text arrives byte for byte":        exact,
		"counts are the provider's":         counts,
		"refusals have the platform's name": refusals,
		"refusals are not tried again":      once,
		"the key stays secret":              secret,
		"a broken stream is told":           broken,
		"cancelling drops the connection":   drops,
		"nobody there is unreachable":       unreachable,
	} {
		t.Run(name, func(t *testing.T) { test(t, subject(t)) })
	}
}

// ask is a call that any provider can answer.
func ask(s Subject, text string) generate.Call {
	return generate.Call{
		Model:     s.Model,
		System:    generate.Plain("Answer briefly."),
		Messages:  []generate.Message{{Role: generate.User, Parts: generate.Plain(text)}},
		MaxTokens: 1000,
		Source:    generate.SourceChat,
	}
}

// collect runs a call and joins its text.
func collect(t *testing.T, s Subject, call generate.Call) (string, generate.Report, error) {
	t.Helper()
	var text strings.Builder
	report, err := s.Provider.Stream(t.Context(), call, func(piece generate.Piece) error {
		text.WriteString(piece.Text)
		return nil
	})
	return text.String(), report, err
}

func streams(t *testing.T, s Subject) {
	text, report, err := collect(t, s, ask(s, "Hello there, how are you?"))
	require.NoError(t, err)
	require.NotEmpty(t, text)
	require.True(t, report.Accepted)
	require.True(t, report.Final)
	require.Positive(t, report.Tokens.Input)
	require.Positive(t, report.Tokens.Output)
	require.Equal(t, generate.EndTurn, report.StopReason)
}

func bounded(t *testing.T, s Subject) {
	call := ask(s, "Write something long, please, as long as you can make it.")
	call.MaxTokens = 5
	_, report, err := collect(t, s, call)
	require.NoError(t, err)
	require.Equal(t, generate.MaxTokens, report.StopReason)
	require.LessOrEqual(t, report.Tokens.Output, int64(5))
}

func structured(t *testing.T, s Subject) {
	call := ask(s, "What is wrong with it?\n```go\nx := 1 / 0\n```")
	call.Source = generate.SourceDebug
	require.NoError(t, json.Unmarshal([]byte(`{"type":"object","required":["cause","confidence","fixedCode"],
		"properties":{"cause":{"type":"string"},"fixedCode":{"type":"string"},
		"confidence":{"type":"number","minimum":0,"maximum":1}}}`), &call.Schema))
	text, report, err := collect(t, s, call)
	require.NoError(t, err)
	require.True(t, report.Final)
	var answer struct {
		Cause, FixedCode *string
		Confidence       *float64
	}
	require.NoError(t, json.Unmarshal([]byte(text), &answer), text)
	require.NotNil(t, answer.Cause)
	require.NotNil(t, answer.FixedCode)
	require.NotNil(t, answer.Confidence)
	require.GreaterOrEqual(t, *answer.Confidence, 0.0)
	require.LessOrEqual(t, *answer.Confidence, 1.0)
}

func consumerError(t *testing.T, s Subject) {
	enough := errors.New("enough")
	calls := 0
	_, err := s.Provider.Stream(t.Context(), ask(s, "one two three four five"), func(piece generate.Piece) error {
		if piece.Text == "" {
			return nil
		}
		calls++
		return enough
	})
	require.ErrorIs(t, err, enough)
	require.Equal(t, 1, calls)
}
