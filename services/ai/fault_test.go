package ai_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/services/ai"
)

func reason(err error) string { return apperr.From(err).Reason }

func TestALimitedProviderIsTriedAgainAndChargedOnce(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	h.far.Push(
		fakeai.Script{Status: http.StatusTooManyRequests, RetryAfter: time.Second},
		fakeai.Script{Status: 529},
		fakeai.Script{Text: "third time", Counts: &fakeai.Counts{Input: 10, Output: 5}},
	)
	start := time.Now()
	got := h.ask(h.as(unlimited), question(prompt))
	require.NoError(t, got.err)
	require.Equal(t, "third time", got.text)
	require.GreaterOrEqual(t, time.Since(start), time.Second, "retry-after was not honoured")
	require.Len(t, h.far.Calls(), 3)
	require.Equal(t, int64(2), h.rows("released"))
	require.Equal(t, int64(1), h.rows("settled"))
	require.Equal(t, int64(15), h.used())
	require.Equal(t, int64(1), h.audited("ai.chat", "success", ""))
}

func TestAttemptsAreBoundedAndAFailureIsFree(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	h.far.Answer(func(fakeai.Question) fakeai.Script { return fakeai.Script{Status: 529} })
	got := h.ask(h.as(unlimited), question(prompt))
	require.Equal(t, "PROVIDER_OVERLOADED", reason(got.err))
	require.Equal(t, apperr.Unavailable, apperr.From(got.err).Kind)
	require.Nil(t, got.usage)
	require.Len(t, h.far.Calls(), 3)
	require.Equal(t, int64(3), h.rows("released"))
	require.Zero(t, h.used())
	require.Equal(t, int64(1), h.audited("ai.chat", "failure", "PROVIDER_OVERLOADED"))
}

func TestALongWaitIsHandedToTheCaller(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	h.far.Push(fakeai.Script{Status: http.StatusTooManyRequests, RetryAfter: time.Minute})
	got := h.ask(h.as(unlimited), question(prompt))
	require.Equal(t, "PROVIDER_RATE_LIMITED", reason(got.err))
	require.Equal(t, time.Minute, apperr.From(got.err).RetryAfter)
	require.Len(t, h.far.Calls(), 1)
}

func TestABrokenStreamIsCountedAndNotRepeated(t *testing.T) {
	t.Parallel()
	for end, want := range map[fakeai.Ending]string{
		fakeai.Cut: "PROVIDER_STREAM_CUT", fakeai.Truncate: "PROVIDER_STREAM_CUT", fakeai.ErrorEvent: "PROVIDER_OVERLOADED",
	} {
		h := anthropicHouse(t)
		h.far.Push(fakeai.Script{Text: "one two three four five six", End: end, After: 4, Counts: &fakeai.Counts{Input: 321, Output: 99}})
		got := h.ask(h.as(unlimited), question(prompt))
		require.Equal(t, want, reason(got.err))
		require.Equal(t, "one two three four ", got.text)
		require.Equal(t, "estimated", got.usage.GetCountedBy(), "usage comes before the error")
		require.EqualValues(t, 321, got.usage.GetInputTokens(), "the prompt's count had arrived")
		require.EqualValues(t, 5, got.usage.GetOutputTokens())
		require.Len(t, h.far.Calls(), 1)
		require.Equal(t, int64(1), h.rows("settled"))
		require.Equal(t, int64(326), h.used())
		require.Equal(t, int64(1), h.audited("ai.chat", "failure", want))
	}
}

func TestCancellingReachesTheProviderAndIsCharged(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	h.far.Push(fakeai.Script{Text: "one two three four", End: fakeai.Hang, After: 2})
	ctx, cancel := context.WithCancel(h.as(unlimited))
	defer cancel()
	stream, err := h.client.Generate(ctx, question(prompt))
	require.NoError(t, err)
	for range 3 { // started and two deltas
		_, err := stream.Recv()
		require.NoError(t, err)
	}
	cancel()
	call := h.far.Calls()[0]
	select {
	case <-call.Done():
		require.True(t, call.ClientLeft())
	case <-time.After(patience):
		t.Fatal("the provider is still writing")
	}
	require.Eventually(t, func() bool { return h.rows("settled") == 1 }, patience, 5*time.Millisecond)
	require.Positive(t, h.used())
	require.Equal(t, int64(1), h.audited("ai.chat", "failure", "CANCELED"))
}

func TestSilenceEndsAnAnswer(t *testing.T) {
	t.Parallel()
	for after, change := range map[int]func(*ai.Config){
		0: func(c *ai.Config) { c.FirstTokenTimeout = 50 * time.Millisecond },
		2: func(c *ai.Config) { c.IdleTimeout = 50 * time.Millisecond },
	} {
		h := anthropicHouse(t, change)
		h.far.Push(fakeai.Script{Text: "one two three", End: fakeai.Hang, After: after})
		got := h.ask(h.as(unlimited), question(prompt))
		require.Equal(t, "PROVIDER_TIMEOUT", reason(got.err))
		require.Equal(t, apperr.Unavailable, apperr.From(got.err).Kind)
		require.Equal(t, "estimated", got.usage.GetCountedBy())
		require.Len(t, h.far.Calls(), 1)
		<-h.far.Calls()[0].Done()
	}
}

func TestSecretsAndPromptsStayOut(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t, func(c *ai.Config) { c.AnthropicKey = key + "-wrong" })
	got := h.ask(h.as(unlimited), question(prompt)) // the far end echoes the key
	require.Equal(t, "PROVIDER_MISCONFIGURED", reason(got.err))
	require.NotContains(t, got.err.Error(), key)

	working := anthropicHouse(t)
	working.far.Push(fakeai.Script{Status: 500, ErrorMessage: "key " + key}, fakeai.Script{Text: "answer-canary", End: fakeai.Cut, After: 1})
	require.Error(t, working.ask(working.as(unlimited), question(prompt)).err)
	for _, log := range []string{h.log.String(), working.log.String()} {
		require.NotEmpty(t, log)
		require.NotContains(t, log, key)
		require.NotContains(t, log, "canary-prompt")
		require.NotContains(t, log, "answer-canary")
	}
	require.Zero(t, working.db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE metadata::text LIKE '%canary%'`))
}
