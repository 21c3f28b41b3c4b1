package lifecycle_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/lifecycle"
)

// journal records what parts do.
type journal struct{ lines []string }

func (j *journal) part(name string, startFault error) lifecycle.Part {
	return lifecycle.Func{
		OnStart: func(context.Context) error {
			j.lines = append(j.lines, "start "+name)
			return startFault
		},
		OnStop: func(context.Context) error {
			j.lines = append(j.lines, "stop "+name)
			return nil
		},
	}
}

func TestStopsInTheOppositeOrder(t *testing.T) {
	j := &journal{}
	g := &lifecycle.Group{}
	g.Add("a", j.part("a", nil))
	g.Add("b", j.part("b", nil))
	require.NoError(t, g.Start(t.Context()))
	require.NoError(t, g.Stop(t.Context()))
	require.NoError(t, g.Stop(t.Context()), "twice is once")
	require.Equal(t, []string{"start a", "start b", "stop b", "stop a"}, j.lines)
}

func TestAFailedStartUndoesWhatStarted(t *testing.T) {
	broken := errors.New("broken")
	j := &journal{}
	g := &lifecycle.Group{}
	g.Add("a", j.part("a", nil))
	g.Add("b", j.part("b", broken))
	g.Add("c", j.part("c", nil))
	err := g.Start(t.Context())
	require.ErrorIs(t, err, broken)
	require.ErrorContains(t, err, "start b")
	require.Equal(t, []string{"start a", "start b", "stop b", "stop a"}, j.lines)
}

func TestAPartThatBreaksEndsTheWait(t *testing.T) {
	broken := errors.New("broken")
	g := &lifecycle.Group{}
	g.Fail(broken)
	g.Fail(errors.New("a later one"))
	require.ErrorIs(t, g.Wait(t.Context()), broken)
}
