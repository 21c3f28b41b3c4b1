package generate_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

func TestMain(m *testing.M) { leak.Main(m) }

// attempt is what the provider of a test does with one attempt.
type attempt func(ctx context.Context, emit generate.Emit) (generate.Report, error)

// provider runs its attempts in turn.
type provider struct{ attempts []attempt }

func (p *provider) Stream(ctx context.Context, _ generate.Call, emit generate.Emit) (generate.Report, error) {
	next := p.attempts[0]
	p.attempts = p.attempts[1:]
	return next(ctx, emit)
}

// book is a ledger that remembers.
type book struct {
	holds    []ledger.Hold
	retries  int
	refused  int      // attempts that were noted as refused
	by       []string // providers of the retries
	outcomes []ledger.Outcome
	again    int  // attempts after a settled one
	full     bool // there is no room for another
	failures int  // of Settle, before it works
	touched  []ledger.Progress
}

func (b *book) Reserve(_ context.Context, h ledger.Hold) (ledger.Reservation, error) {
	b.holds = append(b.holds, h)
	return ledger.Reservation{Hold: h, ID: uuid.New(), Attempt: 1}, nil
}

func (b *book) ReserveNew(ctx context.Context, h ledger.Hold) (ledger.Reservation, error) {
	return b.Reserve(ctx, h)
}

func (b *book) Retry(_ context.Context, failed ledger.Reservation, by ledger.By) (ledger.Reservation, error) {
	b.retries++
	b.by = append(b.by, by.Provider)
	failed.Attempt++
	failed.By = by
	return failed, nil
}

func (b *book) Refused(ledger.Reservation, string) { b.refused++ }

func (b *book) Again(_ context.Context, settled ledger.Reservation, by ledger.By) (ledger.Reservation, error) {
	b.again++
	if b.full {
		return ledger.Reservation{}, ledger.ErrQuotaExceeded
	}
	settled.Attempt++
	settled.By = by
	return settled, nil
}

func (b *book) Settle(ctx context.Context, _ ledger.Reservation, o ledger.Outcome) (int64, error) {
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if b.failures > 0 {
		b.failures--
		return 0, errors.New("database is away")
	}
	b.outcomes = append(b.outcomes, o)
	return 1, nil
}

func (b *book) Touch(_ context.Context, alive []ledger.Progress) error {
	b.touched = append(b.touched, alive...)
	return nil
}

// transcript is a sink that writes down what it gets.
type transcript struct {
	started generate.Started
	text    strings.Builder
	usage   *generate.Usage
	done    generate.StopReason
	slow    time.Duration
}

func (s *transcript) Started(e generate.Started) error { s.started = e; return nil }
func (s *transcript) Piece(p generate.Piece) error {
	time.Sleep(s.slow)
	s.text.WriteString(p.Text)
	return nil
}
func (s *transcript) Usage(u generate.Usage) error                    { s.usage = &u; return nil }
func (s *transcript) Done(reason generate.StopReason, _ string) error { s.done = reason; return nil }

const (
	firstToken = 30 * time.Second
	idle       = 10 * time.Second
)

func newGenerator(t *testing.T, b *book, attempts ...attempt) *generate.Generator {
	t.Helper()
	catalog := generate.NewCatalog()
	require.NoError(t, catalog.Add(generate.Model{ID: "m", Routes: []generate.Route{{Provider: "p", Model: "m", Via: &provider{attempts: attempts}}}}))
	require.NoError(t, catalog.SetDefault("m"))
	return generate.New(catalog, b, generate.Options{
		MaxTokens: 100,
		Limits:    generate.Limits{FirstToken: firstToken, Idle: idle},
		Retry:     generate.Retry{Attempts: 3, Base: time.Second, MaxWait: 20 * time.Second},
	}, slog.New(slog.DiscardHandler))
}

func signedIn(t *testing.T) context.Context {
	return principal.With(t.Context(), principal.Principal{Kind: principal.User, UserID: uuid.New()})
}

func ask() generate.Request {
	return generate.Request{Messages: []generate.Message{{Role: generate.User, Parts: generate.Plain("how are you today?")}}}
}

// answers emits text after a pause and finishes with counts.
func answers(pause time.Duration, pieces ...string) attempt {
	return func(ctx context.Context, emit generate.Emit) (generate.Report, error) {
		for _, piece := range pieces {
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return generate.Report{Accepted: true}, ctx.Err()
			}
			if err := emit(generate.Piece{Text: piece}); err != nil {
				return generate.Report{Accepted: true}, err
			}
		}
		return generate.Report{
			Accepted: true, Final: true, StopReason: generate.EndTurn, Tokens: tariff.Tokens{Input: 7, Output: 3},
		}, nil
	}
}

func fails(err error) attempt {
	return func(context.Context, generate.Emit) (generate.Report, error) { return generate.Report{}, err }
}

func TestRetriesWaitLongerEachTimeAndHonourTheProvidersWish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, sink := &book{}, &transcript{}
		g := newGenerator(t, b, fails(generate.ErrFailed), fails(generate.ErrRateLimited.WithRetryAfter(15*time.Second)), answers(0, "hi"))
		start := time.Now()
		require.NoError(t, g.Run(signedIn(t), ask(), sink))
		waited := time.Since(start)
		require.GreaterOrEqual(t, waited, 15*time.Second+750*time.Millisecond)
		require.LessOrEqual(t, waited, 16*time.Second)
		require.Equal(t, "hi", sink.text.String())
		require.Equal(t, 2, b.retries)
		require.Equal(t, 2, b.refused)
		require.Len(t, b.holds, 1)
		require.Equal(t, []ledger.Outcome{{Tokens: tariff.Tokens{Input: 7, Output: 3}, CountedBy: ledger.ByProvider}}, b.outcomes)
	})
}

func TestWhatCanNotSucceedIsNotTriedAgain(t *testing.T) {
	for _, failure := range []error{
		generate.ErrMisconfigured, generate.ErrRejected, generate.ErrPromptTooLong, generate.ErrTimeout,
		generate.ErrRateLimited.WithRetryAfter(time.Hour), errors.New("unknown"),
	} {
		synctest.Test(t, func(t *testing.T) {
			b := &book{}
			g := newGenerator(t, b, fails(failure))
			require.ErrorIs(t, g.Run(signedIn(t), ask(), &transcript{}), failure)
			require.Zero(t, b.retries)
			require.Len(t, b.outcomes, 1)
		})
	}
}

func TestSilenceIsBoundedButASlowReaderIsNotSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, sink := &book{}, &transcript{slow: 10 * idle}
		require.NoError(t, newGenerator(t, b, answers(idle-time.Second, "a", "b", "c")).Run(signedIn(t), ask(), sink))
		require.Equal(t, "abc", sink.text.String())

		start := time.Now()
		err := newGenerator(t, b, answers(firstToken+time.Second, "late")).Run(signedIn(t), ask(), &transcript{})
		require.ErrorIs(t, err, generate.ErrTimeout)
		require.NotErrorIs(t, err, context.Canceled, "it would read as the caller's doing")
		require.Equal(t, firstToken, time.Since(start))

		err = newGenerator(t, b, answers(idle+time.Second, "one", "two")).Run(signedIn(t), ask(), &transcript{})
		require.ErrorIs(t, err, generate.ErrTimeout)
		require.Equal(t, ledger.Estimated, b.outcomes[2].CountedBy)
	})
}

func TestADatabaseThatIsAwayForAMomentLosesNoUsage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, sink := &book{failures: 4}, &transcript{}
		require.NoError(t, newGenerator(t, b, answers(0, "hi")).Run(signedIn(t), ask(), sink))
		require.Len(t, b.outcomes, 1)
		require.Equal(t, generate.EndTurn, sink.done)
	})
}

func TestWhoLeavesWhileTheProviderWorksPaysForThePrompt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		g := newGenerator(t, b, answers(20*time.Second, "never"))
		ctx, cancel := context.WithTimeout(signedIn(t), time.Second)
		defer cancel()
		require.ErrorIs(t, g.Run(ctx, ask(), &transcript{}), generate.ErrCanceled)
		require.Equal(t, ledger.Estimated, b.outcomes[0].CountedBy)
		require.Equal(t, b.holds[0].Input, b.outcomes[0].Tokens.Input)

		// Between two attempts nobody works.
		g = newGenerator(t, b, fails(generate.ErrOverloaded.WithRetryAfter(10*time.Second)))
		ctx, cancel = context.WithTimeout(signedIn(t), time.Second)
		defer cancel()
		require.ErrorIs(t, g.Run(ctx, ask(), &transcript{}), generate.ErrCanceled)
		require.True(t, b.outcomes[1].Released)
	})
}

func TestWhoLeftBeforeTheProviderWasAskedPaysNothing(t *testing.T) {
	b := &book{}
	ctx, cancel := context.WithCancel(signedIn(t))
	cancel()
	require.ErrorIs(t, newGenerator(t, b).Run(ctx, ask(), &transcript{}), generate.ErrCanceled)
	require.True(t, b.outcomes[0].Released)
}

func TestHeartbeatsTellHowFarAnAnswerHasCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &book{}
		prompt := tariff.Tokens{Input: 9, CacheRead: 1}
		g := newGenerator(t, b, func(ctx context.Context, emit generate.Emit) (generate.Report, error) {
			require.NoError(t, emit(generate.Piece{Prompt: &prompt}))
			return answers(time.Second, "four", "more")(ctx, emit)
		})
		done := make(chan error)
		go func() { done <- g.Run(signedIn(t), ask(), &transcript{}) }()
		time.Sleep(1500 * time.Millisecond)
		require.NoError(t, g.Heartbeat(t.Context()))
		require.NoError(t, <-done)
		require.NoError(t, g.Heartbeat(t.Context()))
		require.Len(t, b.touched, 1)
		require.Equal(t, int64(1), b.touched[0].Output)
		require.Equal(t, prompt, b.touched[0].Prompt)
	})
}
