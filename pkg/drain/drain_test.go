package drain_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/drain"
)

func TestWhatIsOpenLeavesSpreadOverAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := drain.New(drain.Settings{Grace: time.Minute, Spread: 10 * time.Second})
		begin, left := time.Now(), make(chan time.Duration, 100)
		for range cap(left) {
			ctx, release := d.Hold(t.Context())
			go func() {
				defer release()
				<-ctx.Done()
				if context.Cause(ctx) == drain.ErrRestarting { //nolint:errorlint // that very one
					left <- time.Since(begin)
				}
			}()
		}
		d.Announce()
		require.True(t, d.Stopping())
		time.Sleep(time.Minute)
		require.Empty(t, left, "announced is not sent away")
		begin = time.Now()
		d.Leave()
		d.Leave()
		require.Zero(t, d.Wait(t.Context()))
		require.Len(t, left, cap(left))
		early := 0
		for range cap(left) {
			after := <-left
			require.LessOrEqual(t, after, 10*time.Second)
			if after < 5*time.Second {
				early++
			}
		}
		require.InDelta(t, 50, early, 25, "about half of them in the first half")

		late, release := d.Hold(t.Context())
		defer release()
		<-late.Done()
		require.ErrorIs(t, context.Cause(late), drain.ErrRestarting, "who comes late is sent away too")
	})
}

func TestWaitingEndsWithItsPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &drain.Drain{}
		_, release := d.Hold(t.Context())
		require.False(t, d.Stopping())
		d.Leave()
		require.True(t, d.Stopping(), "who leaves is not ready")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.Equal(t, 1, d.Wait(ctx))
		release()
		require.Zero(t, d.Wait(t.Context()))
	})
}
