package terminal

import (
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
)

// TestSizeSurvivesThePrompt sets back a size that has just changed, as Readline
// does that read it before and is at its prompt only now.
func TestSizeSurvivesThePrompt(t *testing.T) {
	master, slave, err := pty.Open()
	require.NoError(t, err)
	defer master.Close()
	defer slave.Close()
	s := &session{fd: int(master.Fd())}
	before := &pty.Winsize{Cols: 91, Rows: 17}
	require.NoError(t, pty.Setsize(master, before))

	s.resize(120, 40)
	require.NoError(t, pty.Setsize(slave, before))
	require.Eventually(t, func() bool {
		now, err := pty.GetsizeFull(slave)
		return err == nil && now.Cols == 120 && now.Rows == 40
	}, 10*time.Second, 10*time.Millisecond)
}
