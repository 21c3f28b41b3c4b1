package fakeai_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

func TestDirectivesScriptFaults(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t)
	resp := anthropic(t, s, "[[fake:status=429,retry-after=7s,times=1]] hello", true)
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.Equal(t, "7", resp.Header.Get("Retry-After"))
	require.Equal(t, http.StatusOK, anthropic(t, s, "[[fake:status=429,retry-after=7s,times=1]] hello", true).StatusCode)
	require.Empty(t, anthropic(t, s, "[[fake:status=429]]", true).Header.Get("Retry-After"))
	require.Equal(t, 529, anthropic(t, s, "[[fake:status=529]]", true).StatusCode)
	require.Equal(t, 400, anthropic(t, s, "[[fake:nonsense]]", true).StatusCode)
}

func TestStreamsBreakWhereTheyAreTold(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t)
	const text = "[[fake:text=a b c d]]"
	list, err := events(t, anthropic(t, s, text+"[[fake:cut-after=2]]", true))
	require.Error(t, err, "the connection must drop")
	require.Len(t, list, 5)
	list, err = events(t, anthropic(t, s, text+"[[fake:truncate-after=2]]", true))
	require.NoError(t, err)
	require.Len(t, list, 5)
	list, err = events(t, anthropic(t, s, text+"[[fake:error-after=2]]", true))
	require.NoError(t, err)
	require.Equal(t, "error", list[5].name)
	list, err = events(t, openai(t, s, text+"[[fake:error-after=1]]", true))
	require.NoError(t, err)
	require.Contains(t, list[2].data, "error")
	for _, call := range s.Calls() {
		require.Less(t, call.Counts().Output, fakeai.Tokens("a b c d")+1)
	}
}

func TestAHangingStreamNoticesThatTheClientLeft(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t)
	s.Push(fakeai.Script{Text: "a b c", End: fakeai.Hang, After: 1})
	ctx, cancel := context.WithCancel(t.Context())
	resp := post(t, ctx, s.OpenAIURL()+"/chat/completions", `{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}`)
	require.Equal(t, http.StatusOK, resp.StatusCode)
	call, err := s.Wait(ctx, 0)
	require.NoError(t, err)
	cancel()
	select {
	case <-call.Done():
		require.True(t, call.ClientLeft())
	case <-time.After(patience):
		t.Fatal("the server still waits")
	}
}

func TestSlowAndLongAnswers(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t)
	start := time.Now()
	_, err := events(t, anthropic(t, s, "[[fake:words=5,slow=20ms,first=50ms]]", true))
	require.NoError(t, err)
	require.GreaterOrEqual(t, time.Since(start), 150*time.Millisecond)
	require.Equal(t, "word1 word2 word3 word4 word5", s.Calls()[0].Sent())
	_, err = events(t, anthropic(t, s, "[[fake:words=5000]]", true))
	require.NoError(t, err)
	require.LessOrEqual(t, s.Calls()[1].Counts().Output, int64(1000), "max_tokens holds")
}

func TestRawBytesAreSentAsTheyAre(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t)
	s.Push(fakeai.Script{Raw: []byte("event: future_event\ndata: {\"type\":\"future_event\"}\n\n")})
	list, err := events(t, anthropic(t, s, "x", true))
	require.NoError(t, err)
	require.Equal(t, "future_event", names(list))
}
