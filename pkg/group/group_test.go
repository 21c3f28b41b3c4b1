package group_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/group"
)

func TestThoseWhoComeMeanwhileGoTogether(t *testing.T) {
	var g group.Group[int, int]
	begun, release := make(chan struct{}), make(chan struct{})
	var sizes []int
	odd := errors.New("odd")
	double := func(_ context.Context, all []int) ([]int, []error) {
		sizes = append(sizes, len(all)) // one leads at a time
		if len(sizes) == 1 {
			close(begun)
			<-release
		}
		outs, errs := make([]int, len(all)), make([]error, len(all))
		for i, n := range all {
			if outs[i] = 2 * n; n%2 == 1 {
				errs[i] = odd
			}
		}
		return outs, errs
	}
	var all sync.WaitGroup
	ask := func(n int) {
		got, err := g.Do(t.Context(), n, double)
		if n%2 == 1 {
			require.ErrorIs(t, err, odd)
		} else {
			require.NoError(t, err)
			require.Equal(t, 2*n, got)
		}
	}
	all.Go(func() { ask(0) })
	<-begun
	for n := range 20 {
		all.Go(func() { ask(n + 1) })
	}
	require.Eventually(t, func() bool { return g.Waiting() == 20 }, time.Minute, time.Millisecond)
	close(release)
	all.Wait()
	require.Equal(t, []int{1, 20}, sizes)
}

func TestAPanicLeavesNobodyWaiting(t *testing.T) {
	var g group.Group[int, int]
	begun, release := make(chan struct{}), make(chan struct{})
	first := true
	all := func(_ context.Context, ins []int) ([]int, []error) {
		if first {
			first = false
			close(begun)
			<-release
			panic("a mistake")
		}
		return ins, make([]error, len(ins))
	}
	var left sync.WaitGroup
	left.Go(func() {
		require.Panics(t, func() { _, _ = g.Do(t.Context(), 1, all) })
	})
	<-begun
	left.Go(func() {
		got, err := g.Do(t.Context(), 2, all)
		require.NoError(t, err)
		require.Equal(t, 2, got)
	})
	close(release)
	left.Wait()
}
