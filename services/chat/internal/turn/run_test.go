package turn

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/chat/internal/conversation"
)

func send(t *testing.T, r *Runner) {
	t.Helper()
	_, err := r.Send(t.Context(), uuid.New(), Question{Content: "hello"})
	require.NoError(t, err)
}

func TestTextIsSavedWithinASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := w.runner(Options{})
		send(t, r)
		for i := range 200 {
			w.chunks <- Chunk{Text: "word "}
			synctest.Wait()
			begin := time.Now()
			want := strings.Repeat("word ", i+1)
			for {
				var saved bool
				w.do(func() { saved = strings.HasPrefix(w.saved, want) })
				if saved {
					break
				}
				require.Less(t, time.Since(begin), time.Second)
				time.Sleep(10 * time.Millisecond)
				synctest.Wait()
			}
		}
		w.chunks <- Chunk{Done: true}
		close(w.chunks)
		require.NoError(t, r.Shutdown(t.Context()))
		require.Equal(t, conversation.Complete, w.settled.Status)
	})
}

func TestAnIdleTurnRenewsItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := w.runner(Options{})
		send(t, r)
		for range 60 {
			time.Sleep(time.Second)
			synctest.Wait()
			w.do(func() {
				if !w.savedAt.IsZero() {
					require.Less(t, time.Since(w.savedAt), LeaseFor/2)
				}
			})
		}
		require.Greater(t, w.checkpoints, 15)
		close(w.chunks)
		require.NoError(t, r.Shutdown(t.Context()))
		require.Equal(t, "ANSWER_CUT", w.settled.Failure.Reason)
	})
}

func TestNothingIsShownBeforeItIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.onShow = func(e Event) { // under the world's lock
			if e.Kind == Delta {
				shown := w.text(w.shown)
				require.True(t, strings.HasPrefix(w.text(w.logged), shown) || strings.HasPrefix(w.saved, shown))
			}
		}
		r := w.runner(Options{})
		send(t, r)
		say := func(text string) { w.chunks <- Chunk{Text: text}; synctest.Wait() }
		say("both ")
		w.do(func() { w.logDown = true })
		say("store only ")
		require.Equal(t, "both store only ", w.saved)
		w.do(func() { w.storeDown = true })
		say("neither ")
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.Equal(t, "both store only ", w.text(w.shown))
		w.do(func() { w.storeDown = false })
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, "both store only neither ", w.text(w.shown))
		w.do(func() { w.storeDown = true })
		w.chunks <- Chunk{Done: true}
		close(w.chunks)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		require.Nil(t, w.settled)
		w.do(func() { w.storeDown = false })
		require.NoError(t, r.Shutdown(t.Context()))
		require.Equal(t, conversation.Complete, w.settled.Status)
		require.Equal(t, End, w.shown[len(w.shown)-1].Kind)
		for i, e := range w.shown {
			require.Equal(t, int64(i+1), e.Seq)
		}
	})
}

// What one store loses, the other has soon: a process that is killed after that
// takes nothing along, whatever was away before.
func TestALogThatIsLostIsNoticedSoon(t *testing.T) {
	const soon = 2*lookEvery + retryEvery
	for name, when := range map[string]func(t *testing.T, w *world){
		"before the first checkpoint": func(*testing.T, *world) {},
		"while the store is away": func(_ *testing.T, w *world) {
			w.do(func() { w.storeDown = true })
			time.Sleep(2 * time.Second)
		},
		"after the store was away": func(_ *testing.T, w *world) {
			w.do(func() { w.storeDown = true })
			time.Sleep(2 * time.Second)
			w.do(func() { w.storeDown = false })
			time.Sleep(50 * time.Millisecond)
		},
		"while the last write waits for the store": func(t *testing.T, w *world) {
			w.do(func() { w.storeDown = true })
			close(w.chunks)
			time.Sleep(2 * time.Second)
			require.Nil(t, w.settled)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				r := w.runner(Options{})
				send(t, r)
				w.chunks <- Chunk{Text: "shown and "}
				w.chunks <- Chunk{Text: "then silence"}
				synctest.Wait()
				when(t, w)
				w.do(func() { w.logged = nil })
				time.Sleep(soon)
				synctest.Wait()
				require.Equal(t, "shown and then silence", w.text(w.shown))
				require.False(t, w.lost())
				w.do(func() { w.storeDown = false })
				require.NoError(t, r.Shutdown(t.Context()))
				require.Equal(t, "shown and then silence", w.settled.Content)
			})
		})
	}
}

func TestTheStoresWordStopsATurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := w.runner(Options{})
		send(t, r)
		w.chunks <- Chunk{Text: "half"}
		synctest.Wait()
		w.do(func() { w.stop = true })
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.Equal(t, conversation.Stopped, w.settled.Status)
		require.Equal(t, "half", w.settled.Content)
		require.NoError(t, r.Shutdown(t.Context()))
	})
}

func TestALongAnswersLogStaysShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := w.runner(Options{})
		send(t, r)
		for range 2 * coarseAfter {
			w.chunks <- Chunk{Text: "x"}
			time.Sleep(time.Millisecond)
		}
		w.chunks <- Chunk{Done: true}
		close(w.chunks)
		require.NoError(t, r.Shutdown(t.Context()))
		require.Len(t, w.settled.Content, 2*coarseAfter)
		require.Less(t, len(w.shown), coarseAfter+100)
	})
}

func TestNoEventIsLong(t *testing.T) {
	text := "x" + strings.Repeat("🌊", maxDelta)
	var told strings.Builder
	for _, e := range deltas(text) {
		require.LessOrEqual(t, len(e.Text), maxDelta)
		require.True(t, utf8.ValidString(e.Text))
		told.WriteString(e.Text)
	}
	require.Equal(t, text, told.String())
	require.Empty(t, deltas(""))
	require.Len(t, deltas("\xff"+strings.Repeat("\x80", 2*maxDelta)), 3, "what is no text at all has an end too")
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := w.runner(Options{})
		send(t, r)
		w.chunks <- Chunk{Text: text}
		w.chunks <- Chunk{Done: true}
		close(w.chunks)
		require.NoError(t, r.Shutdown(t.Context()))
		require.Equal(t, text, w.settled.Content)
		require.Equal(t, text, w.text(w.shown))
		require.Greater(t, len(w.shown), 5)
		for i, e := range w.shown {
			require.Equal(t, int64(i+1), e.Seq)
		}
	})
}

func TestShutdownWaitsOnlySoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := w.runner(Options{Drain: 5 * time.Second})
		send(t, r)
		w.chunks <- Chunk{Text: "endless"}
		begin := time.Now()
		require.NoError(t, r.Shutdown(t.Context()))
		require.Equal(t, 5*time.Second, time.Since(begin))
		require.Equal(t, conversation.Interrupted, w.settled.Status)
		require.Equal(t, "endless", w.settled.Content)
		_, err := r.Send(t.Context(), uuid.New(), Question{Content: "more"})
		require.ErrorIs(t, err, errStopping)
	})
}

func TestHaltRingsOnlyForTurnsElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		r := w.runner(Options{})
		p, err := r.Send(t.Context(), uuid.New(), Question{Content: "hello"})
		require.NoError(t, err)
		elsewhere := uuid.New()
		r.Halt(t.Context(), []uuid.UUID{p.Assistant.ID, elsewhere})
		require.NoError(t, r.Shutdown(t.Context()))
		require.Equal(t, conversation.Stopped, w.settled.Status)
		require.Equal(t, []uuid.UUID{elsewhere}, w.rung)
	})
}
