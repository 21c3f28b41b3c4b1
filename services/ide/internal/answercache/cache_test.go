package answercache_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ide/internal/answercache"
	"atrium.internal/services/ide/internal/codeassist"
)

func TestMain(m *testing.M) { leak.Main(m) }

// memory is a store without an end.
type memory struct {
	mu   sync.Mutex
	kept map[answercache.Key]answercache.Entry
}

func (m *memory) Get(_ context.Context, k answercache.Key) (answercache.Entry, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.kept[k]
	return e, ok
}

func (m *memory) Put(_ context.Context, k answercache.Key, e answercache.Entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[k] = e
}

// model writes its pieces one by one, each when it is let, and counts.
type model struct {
	calls, left atomic.Int32
	let         chan struct{}
	err         error
}

func (m *model) Generate(ctx context.Context, _ codeassist.Prompt, each func(string) error) (codeassist.Answer, error) {
	m.calls.Add(1)
	for _, piece := range []string{"one ", "two"} {
		select {
		case <-m.let:
		case <-ctx.Done():
			m.left.Add(1)
			return codeassist.Answer{}, ctx.Err()
		}
		if err := each(piece); err != nil {
			return codeassist.Answer{}, err
		}
	}
	return codeassist.Answer{RequestID: "id", Cut: true}, m.err
}

type bench struct {
	*answercache.Model
	model    *model
	mu       sync.Mutex
	outcomes map[string]int
}

func newBench() *bench {
	b := &bench{model: &model{let: make(chan struct{})}, outcomes: map[string]int{}}
	b.Model = answercache.New(b.model, &memory{kept: map[answercache.Key]answercache.Entry{}}, func(_ context.Context, _, outcome string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.outcomes[outcome]++
	})
	return b
}

func as(t *testing.T, user uuid.UUID) context.Context {
	return principal.With(t.Context(), principal.Principal{Kind: principal.User, UserID: user})
}

var question = codeassist.Prompt{Source: "ide.complete", User: "x", Repeatable: true}

// ask gives the text, once it is whole.
func (b *bench) ask(ctx context.Context, p codeassist.Prompt) (string, codeassist.Answer, error) {
	text := ""
	answer, err := b.Generate(ctx, p, func(piece string) error { text += piece; return nil })
	return text, answer, err
}

func TestTheSameQuestionIsAskedOnce(t *testing.T) {
	b, ada := newBench(), as(t, uuid.New())
	close(b.model.let)
	text, answer, err := b.ask(ada, question)
	require.NoError(t, err)
	require.Equal(t, "one two", text)
	require.False(t, answer.Cached)
	b.Wait()
	text, answer, err = b.ask(ada, question)
	require.NoError(t, err)
	require.Equal(t, "one two", text)
	require.Equal(t, codeassist.Answer{RequestID: "id", Cut: true, Cached: true}, answer)
	require.EqualValues(t, 1, b.model.calls.Load())
	require.Equal(t, map[string]int{"hit": 1, "miss": 1}, b.outcomes)
}

func TestWhatIsAskedAnew(t *testing.T) {
	ada := uuid.New()
	other := func(change func(*codeassist.Prompt)) codeassist.Prompt { p := question; change(&p); return p }
	for name, c := range map[string]struct {
		user uuid.UUID
		p    codeassist.Prompt
	}{
		"by somebody else":   {uuid.New(), question},
		"another file":       {ada, other(func(p *codeassist.Prompt) { p.User = "y" })},
		"another rule":       {ada, other(func(p *codeassist.Prompt) { p.System = "y" })},
		"for another end":    {ada, other(func(p *codeassist.Prompt) { p.Source = "ide.explain" })},
		"parts moved":        {ada, other(func(p *codeassist.Prompt) { p.System, p.User = "x", "" })},
		"not to be repeated": {ada, other(func(p *codeassist.Prompt) { p.Repeatable = false })},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench()
			close(b.model.let)
			_, _, err := b.ask(as(t, ada), question)
			require.NoError(t, err)
			b.Wait()
			_, answer, err := b.ask(as(t, c.user), c.p)
			require.NoError(t, err)
			require.False(t, answer.Cached)
			require.EqualValues(t, 2, b.model.calls.Load())
			b.Wait()
		})
	}
}

func TestAFailureIsNotKept(t *testing.T) {
	b, ada := newBench(), as(t, uuid.New())
	close(b.model.let)
	b.model.err = errors.New("overloaded")
	for range 2 {
		_, _, err := b.ask(ada, question)
		require.ErrorContains(t, err, "overloaded")
		b.Wait()
	}
	require.EqualValues(t, 2, b.model.calls.Load())
}

func TestAtOnceTheyShareOneAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ada := newBench(), as(t, uuid.New())
		const callers = 100
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				text, _, err := b.ask(ada, question)
				if err != nil || text != "one two" {
					t.Errorf("%q, %v", text, err)
				}
			})
		}
		synctest.Wait()
		b.model.let <- struct{}{}
		all.Go(func() { // who comes late misses nothing
			text, _, err := b.ask(ada, question)
			if err != nil || text != "one two" {
				t.Errorf("late: %q, %v", text, err)
			}
		})
		synctest.Wait()
		b.model.let <- struct{}{}
		all.Wait()
		b.Wait()
		require.EqualValues(t, 1, b.model.calls.Load())
		require.Equal(t, map[string]int{"miss": 1, "shared": callers}, b.outcomes)
	})
}

func TestTheModelStopsWithTheLastWhoAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ada := newBench(), as(t, uuid.New())
		ask := func() (leave context.CancelFunc, ended chan error) {
			ctx, cancel := context.WithCancel(ada)
			ended = make(chan error, 1)
			go func() {
				_, _, err := b.ask(ctx, question)
				ended <- err
			}()
			synctest.Wait()
			return cancel, ended
		}
		first, firstEnded := ask()
		second, secondEnded := ask()
		first()
		require.ErrorIs(t, <-firstEnded, context.Canceled)
		synctest.Wait()
		require.Zero(t, b.model.left.Load(), "the second still wants it")
		second()
		require.ErrorIs(t, <-secondEnded, context.Canceled)
		synctest.Wait()
		require.EqualValues(t, 1, b.model.left.Load())

		third, thirdEnded := ask()
		require.EqualValues(t, 2, b.model.calls.Load(), "nobody joins what was given up")
		third()
		require.ErrorIs(t, <-thirdEnded, context.Canceled)
		b.Wait()
	})
}
