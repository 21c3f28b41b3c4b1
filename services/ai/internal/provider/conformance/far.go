package conformance

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/services/ai/internal/generate"
)

// patience bounds what should happen at once.
const patience = 10 * time.Second

// needFar skips what only a provider with a far end can show.
func needFar(t *testing.T, s Subject) {
	t.Helper()
	if s.Far == nil {
		t.Skip("this provider calls nobody")
	}
}

func canceled(t *testing.T, s Subject) {
	if s.Far != nil {
		s.Far.Push(fakeai.Script{Text: "one two three four", End: fakeai.Hang, After: 2})
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	start := time.Now()
	_, err := s.Provider.Stream(ctx, ask(s, "Tell me a long story."), func(piece generate.Piece) error {
		if piece.Text != "" {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, time.Since(start), patience)
}

func exact(t *testing.T, s Subject) {
	needFar(t, s)
	pieces := []string{"Grüße ", "👩\u200d👩\u200d👧", "\u200d👦 ", "e", "\u0301 ", "\"quoted\\\"\n", "\t{\"a\":1}", "<b>&amp;", "\u2028", "日本", "語", "\r\n end "}
	for _, size := range []int{0, 1, 7} {
		s.Far.Push(fakeai.Script{Chunks: pieces, WriteSize: size})
		text, _, err := collect(t, s, ask(s, "Say it exactly."))
		require.NoError(t, err)
		calls := s.Far.Calls()
		require.Equal(t, calls[len(calls)-1].Sent(), text)
		require.Equal(t, http.StatusOK, calls[len(calls)-1].Status(), "the request was not well-formed")
	}
}

func counts(t *testing.T, s Subject) {
	needFar(t, s)
	want := fakeai.Counts{Input: 1234, CacheRead: 567, Output: 89}
	s.Far.Push(fakeai.Script{Text: "counted", Counts: &want})
	_, report, err := collect(t, s, ask(s, "Count."))
	require.NoError(t, err)
	require.True(t, report.Final)
	require.Equal(t, want.Input, report.Tokens.Input)
	require.Equal(t, want.CacheRead, report.Tokens.CacheRead)
	require.Equal(t, want.Output, report.Tokens.Output)
}

func refusals(t *testing.T, s Subject) {
	needFar(t, s)
	for _, c := range []struct {
		script fakeai.Script
		want   *apperr.Error
		wait   time.Duration
	}{
		{fakeai.Script{Status: 429, RetryAfter: 7 * time.Second}, generate.ErrRateLimited, 7 * time.Second},
		{fakeai.Script{Status: 429}, generate.ErrRateLimited, 0},
		{fakeai.Script{Status: 529}, generate.ErrOverloaded, 0},
		{fakeai.Script{Status: 500}, generate.ErrFailed, 0},
		{fakeai.Script{Status: 401}, generate.ErrMisconfigured, 0},
		{fakeai.Script{Status: 404}, generate.ErrMisconfigured, 0},
		{fakeai.Script{Status: 400, ErrorMessage: "no"}, generate.ErrRejected, 0},
		{fakeai.Script{Status: 413}, generate.ErrPromptTooLong, 0},
	} {
		s.Far.Push(c.script)
		_, report, err := collect(t, s, ask(s, "Hello"))
		require.ErrorIs(t, err, c.want, "status %d", c.script.Status)
		require.Equal(t, c.wait, apperr.From(err).RetryAfter)
		require.False(t, report.Accepted)
	}
}

func once(t *testing.T, s Subject) {
	needFar(t, s)
	for _, status := range []int{429, 500, 529} {
		before := len(s.Far.Calls())
		s.Far.Push(fakeai.Script{Status: status})
		_, _, err := collect(t, s, ask(s, "Hello"))
		require.Error(t, err)
		require.Len(t, s.Far.Calls(), before+1)
	}
}

func secret(t *testing.T, s Subject) {
	needFar(t, s)
	for _, status := range []int{400, 401, 500} {
		s.Far.Push(fakeai.Script{Status: status, ErrorMessage: "bad key " + Key})
		_, _, err := collect(t, s, ask(s, "Hello"))
		require.Error(t, err)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, apperr.From(err), apperr.From(err).Metadata), Key)
	}
}

func broken(t *testing.T, s Subject) {
	needFar(t, s)
	for _, c := range []struct {
		script fakeai.Script
		want   *apperr.Error
	}{
		{fakeai.Script{Text: "one two three four", End: fakeai.Cut, After: 2}, generate.ErrStreamCut},
		{fakeai.Script{Text: "one two three four", End: fakeai.Truncate, After: 2}, generate.ErrStreamCut},
		{fakeai.Script{Text: "one two three four", End: fakeai.ErrorEvent, After: 2, ErrorType: "overloaded_error"}, generate.ErrOverloaded},
		{fakeai.Script{Text: "one two three four", End: fakeai.ErrorEvent, After: 2, ErrorType: "api_error"}, generate.ErrFailed},
	} {
		s.Far.Push(c.script)
		text, report, err := collect(t, s, ask(s, "Count to four."))
		require.ErrorIs(t, err, c.want)
		require.Equal(t, "one two ", text)
		require.True(t, report.Accepted)
		require.False(t, report.Final)
	}
}

func drops(t *testing.T, s Subject) {
	needFar(t, s)
	s.Far.Push(fakeai.Script{Text: "one two three", End: fakeai.Hang, After: 1})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.Provider.Stream(ctx, ask(s, "Hang."), func(piece generate.Piece) error {
		if piece.Text != "" {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	calls := s.Far.Calls()
	last := calls[len(calls)-1]
	select {
	case <-last.Done():
		require.True(t, last.ClientLeft())
	case <-time.After(patience):
		t.Fatal("the far end still has the connection")
	}
}

func unreachable(t *testing.T, s Subject) {
	needFar(t, s)
	s.Far.Close()
	_, report, err := collect(t, s, ask(s, "Hello"))
	require.ErrorIs(t, err, generate.ErrUnreachable)
	require.False(t, report.Accepted)
}
