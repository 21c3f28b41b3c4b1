package workspace

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		desired Desired
		status  Status
		restart bool
		alive   bool
		want    action
	}{
		{WantRunning, Starting, false, false, bringUp},
		{WantRunning, Stopped, false, false, bringUp},
		{WantRunning, Starting, false, true, takeOver},
		{WantRunning, Running, false, true, settle},
		{WantRunning, Running, false, false, mourn},
		{WantRunning, Running, true, true, halt},
		{WantRunning, Starting, true, false, halt},
		{WantStopped, Running, false, true, halt},
		{WantStopped, Stopping, false, true, halt},
		{WantStopped, Stopping, false, false, halt},
		{WantStopped, Starting, false, false, halt},
		{WantStopped, Stopped, false, true, halt},
		{WantStopped, Failed, false, true, halt},
		{WantStopped, Stopped, false, false, settle},
		{WantStopped, Failed, false, false, settle},
		{WantDeleted, Running, false, true, erase},
		{WantDeleted, Stopped, false, false, erase},
		{WantDeleted, Running, true, true, erase},
	} {
		got := decide(Workspace{Desired: c.desired, Status: c.status, Restart: c.restart}, c.alive)
		require.Equal(t, c.want, got, "%+v", c)
	}
}

func TestHostname(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"My Project": "my-project", "日本": "workspace", "a.b_c": "a-b-c", "-x-": "x"} {
		require.Equal(t, want, hostname(name))
	}
}
