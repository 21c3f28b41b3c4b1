package generate_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// over makes a generator with one model that several providers run.
func over(t *testing.T, b *book, providers map[string]*provider, order ...string) *generate.Generator {
	t.Helper()
	m := generate.Model{ID: "m"}
	for _, name := range order {
		m.Routes = append(m.Routes, generate.Route{
			Provider: name, Model: "m-of-" + name, Via: providers[name],
			Prices: tariff.Always(tariff.Price{Input: int64(len(name)) * 1_000_000}),
		})
	}
	catalog := generate.NewCatalog()
	require.NoError(t, catalog.Add(m))
	require.NoError(t, catalog.SetDefault("m"))
	return generate.New(catalog, b, generate.Options{
		MaxTokens: 100,
		Limits:    generate.Limits{FirstToken: firstToken, Idle: idle},
		Retry:     generate.Retry{Attempts: 3, Base: time.Second, MaxWait: 20 * time.Second},
	}, slog.New(slog.DiscardHandler))
}

func TestWhatOneProviderFailsToDoAnotherDoes(t *testing.T) {
	for name, failure := range map[string]*apperr.Error{
		"down": generate.ErrUnreachable, "limiting": generate.ErrRateLimited.WithRetryAfter(time.Hour),
		"overloaded": generate.ErrOverloaded, "without our key": generate.ErrMisconfigured,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, sink := &book{}, &transcript{}
				g := over(t, b, map[string]*provider{
					"first": {attempts: []attempt{fails(failure)}}, "other": {attempts: []attempt{answers(0, "hi")}},
				}, "first", "other")
				start := time.Now()
				require.NoError(t, g.Run(signedIn(t), ask(), sink))
				require.Zero(t, time.Since(start), "there is no reason to wait")
				require.Equal(t, "hi", sink.text.String())
				require.Equal(t, "other", sink.started.Provider)
				require.Equal(t, "m", sink.started.Model, "users know one name of the model")
				require.Equal(t, []string{"other"}, b.by, "the ledger knows who answered")
			})
		})
	}
}

func TestNoProviderContinuesAnothersAnswer(t *testing.T) {
	b, sink := &book{}, &transcript{}
	broken := func(_ context.Context, emit generate.Emit) (generate.Report, error) {
		return generate.Report{Accepted: true}, errors.Join(emit(generate.Piece{Text: "half an"}), generate.ErrStreamCut)
	}
	g := over(t, b, map[string]*provider{"first": {attempts: []attempt{broken}}, "other": {}}, "first", "other")
	require.ErrorIs(t, g.Run(signedIn(t), ask(), sink), generate.ErrStreamCut)
	require.Equal(t, "half an", sink.text.String())
	require.Equal(t, "first", sink.started.Provider)
	require.Empty(t, b.by)
}

func TestAnAttemptThatWasWorkedOnIsEnteredBeforeTheNext(t *testing.T) {
	prompt := tariff.Tokens{Input: 40, CacheRead: 2}
	// The provider counts the prompt, and then nothing comes.
	counts := func(_ context.Context, emit generate.Emit) (generate.Report, error) {
		return generate.Report{Accepted: true, Tokens: prompt}, errors.Join(emit(generate.Piece{Prompt: &prompt}), generate.ErrStreamCut)
	}
	silent := func(ctx context.Context, _ generate.Emit) (generate.Report, error) {
		<-ctx.Done()
		return generate.Report{}, ctx.Err()
	}
	synctest.Test(t, func(t *testing.T) {
		b, sink := &book{}, &transcript{}
		g := over(t, b, map[string]*provider{
			"first": {attempts: []attempt{counts}}, "second": {attempts: []attempt{silent}}, "third": {attempts: []attempt{answers(0, "hi")}},
		}, "first", "second", "third")
		require.NoError(t, g.Run(signedIn(t), ask(), sink))
		require.Equal(t, "third", sink.started.Provider)
		require.Equal(t, ledger.Estimated, sink.started.Prompt.CountedBy, "it is another provider's count")
		require.Equal(t, 2, b.again)
		require.Zero(t, b.retries)
		require.Equal(t, []ledger.Outcome{
			{Tokens: prompt, CountedBy: ledger.Estimated, Failure: "PROVIDER_STREAM_CUT"},
			{Tokens: tariff.Tokens{Input: b.holds[0].Input}, CountedBy: ledger.Estimated, Failure: "PROVIDER_TIMEOUT"},
			{Tokens: tariff.Tokens{Input: 7, Output: 3}, CountedBy: ledger.ByProvider},
		}, b.outcomes)
	})
	full := &book{full: true}
	g := over(t, full, map[string]*provider{"first": {attempts: []attempt{counts}}, "other": {}}, "first", "other")
	require.ErrorIs(t, g.Run(signedIn(t), ask(), &transcript{}), ledger.ErrQuotaExceeded)
	require.Len(t, full.outcomes, 1, "it is entered once")
}

func TestARequestThatIsWrongIsWrongEverywhere(t *testing.T) {
	b, sink := &book{}, &transcript{}
	g := over(t, b, map[string]*provider{"first": {attempts: []attempt{fails(generate.ErrRejected)}}, "other": {}}, "first", "other")
	require.ErrorIs(t, g.Run(signedIn(t), ask(), sink), generate.ErrRejected)
	require.Empty(t, b.by)
	require.Zero(t, sink.started, "nobody answered")
}

func TestAProviderThatKeepsFailingIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, other := &provider{}, &provider{}
		for range 10 {
			first.attempts = append(first.attempts, fails(generate.ErrUnreachable))
		}
		for range 12 {
			other.attempts = append(other.attempts, answers(0, "hi"))
		}
		first.attempts = append(first.attempts, answers(0, "back"))
		b := &book{}
		g := over(t, b, map[string]*provider{"first": first, "other": other}, "first", "other")
		for range 12 { // the last two don't ask the first one
			require.NoError(t, g.Run(signedIn(t), ask(), &transcript{}))
		}
		require.Len(t, b.by, 10)
		time.Sleep(time.Minute)
		sink := &transcript{}
		require.NoError(t, g.Run(signedIn(t), ask(), sink))
		require.Equal(t, "back", sink.text.String(), "after a rest it is tried again")
	})
}

func TestWithoutAnyProviderTheCallerIsToldWhenToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		only := &provider{}
		for range 12 {
			only.attempts = append(only.attempts, fails(generate.ErrMisconfigured))
		}
		b := &book{}
		g := over(t, b, map[string]*provider{"only": only}, "only")
		for range 10 {
			require.ErrorIs(t, g.Run(signedIn(t), ask(), &transcript{}), generate.ErrMisconfigured)
		}
		err := g.Run(signedIn(t), ask(), &transcript{})
		require.ErrorIs(t, err, generate.ErrResting)
		require.Positive(t, apperr.From(err).RetryAfter)
		require.Len(t, b.holds, 10, "nothing is held for it")
	})
}

func TestCallersWhoGiveUpSayNothingOfTheProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		only := &provider{}
		waits := func(ctx context.Context, _ generate.Emit) (generate.Report, error) {
			<-ctx.Done()
			return generate.Report{}, ctx.Err()
		}
		for range 20 {
			only.attempts = append(only.attempts, waits)
		}
		only.attempts = append(only.attempts, answers(0, "hi"))
		g := over(t, &book{}, map[string]*provider{"only": only}, "only")
		for range 20 {
			ctx, cancel := context.WithCancel(signedIn(t))
			time.AfterFunc(time.Millisecond, cancel)
			require.ErrorIs(t, g.Run(ctx, ask(), &transcript{}), generate.ErrCanceled)
		}
		require.NoError(t, g.Run(signedIn(t), ask(), &transcript{}))
	})
}

func TestACheckAsksOneProviderAndNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		g := over(t, b, map[string]*provider{
			"first": {attempts: []attempt{fails(generate.ErrMisconfigured), answers(time.Second, "OK")}},
			"other": {},
		}, "first", "other")
		found, err := g.Check(signedIn(t), "first")
		require.NoError(t, err)
		require.ErrorIs(t, found.Err, generate.ErrMisconfigured, "another one's answer says nothing of this one")
		require.Empty(t, b.by)

		found, err = g.Check(signedIn(t), "first")
		require.NoError(t, err)
		require.NoError(t, found.Err)
		require.Equal(t, "m", found.Model)
		require.GreaterOrEqual(t, found.FirstPiece, time.Second)
		require.Equal(t, "first", b.holds[len(b.holds)-1].By.Provider)
		require.NotEmpty(t, b.outcomes, "the ledger has it")

		_, err = g.Check(signedIn(t), "nobody")
		require.ErrorIs(t, err, generate.ErrUnknownProvider)
	})
}
