package conformance

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
)

// warmer is a driver that makes sandboxes ahead, with what they are told.
type warmer struct {
	Subject
	driver.Warmer
	env []string
}

// warm holds a driver that makes sandboxes ahead to what it promises of them.
func warm(t *testing.T, s Subject) {
	able, ok := s.Driver.(driver.Warmer)
	if !ok {
		t.Skip("SKIPPED: it makes none ahead")
	}
	w := warmer{s, able, []string{"GREETING=hello"}}
	_, release, err := w.Slots(t.Context(), w.env)
	if errors.Is(err, driver.ErrNoWarmth) {
		t.Skip("SKIPPED: " + err.Error())
	}
	require.NoError(t, err)
	defer func() { // none outlives the test
		require.NoError(t, release())
		left, release, err := w.Slots(context.Background(), nil) // with another environment, so none is kept
		require.NoError(t, err)
		require.Empty(t, left)
		require.NoError(t, release())
	}()
	t.Run("becomes somebody's", w.becomesSomebodys)
	t.Run("nothing goes to the next", w.nothingGoesToTheNext)
}

func (w warmer) slot(t *testing.T) driver.Handle {
	t.Helper()
	h, err := w.Warm(t.Context(), w.env)
	require.NoError(t, err)
	awaitEditor(t, w.Driver, h)
	return h
}

// claimed gives a slot to a new user with a new workspace.
func (w warmer) claimed(t *testing.T, slot driver.Handle) (driver.Handle, driver.Volume) {
	t.Helper()
	v, err := w.Volumes.Ensure(t.Context(), driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New(), Limit: 64 << 20})
	require.NoError(t, err)
	began := time.Now()
	h, err := w.Claim(t.Context(), slot, driver.Spec{
		WorkspaceID: v.WorkspaceID, Owner: v.Owner, Hostname: "mine", Folder: "project",
		Limits: driver.Limits{CPUMillis: 1000, MemoryBytes: 1 << 30, Processes: 200},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, w.Driver.Stop(context.Background(), h))
		require.NoError(t, w.Driver.Destroy(context.Background(), h))
		require.NoError(t, w.Volumes.DeleteUser(context.Background(), v.Owner))
	})
	h.Env = []string{"ATRIUM_TOKEN=t0ken", "GREETING=hello"}
	h, err = w.Driver.Attach(t.Context(), h, v)
	require.NoError(t, err)
	t.Logf("claimed in %s", time.Since(began))
	return h, v
}

// Inside runs a script as the editor's programs are run, and gives what it printed.
func Inside(t *testing.T, d driver.Driver, h driver.Handle, script string) string {
	t.Helper()
	var said strings.Builder
	exit, err := d.(driver.Runner).Execute(t.Context(), h, driver.Command{Args: []string{"/bin/bash", "-c", script}}, func(p []byte) { said.Write(p) })
	require.NoError(t, err)
	require.Zero(t, exit, said.String())
	return strings.TrimSpace(said.String())
}

func (w warmer) becomesSomebodys(t *testing.T) {
	slot := w.slot(t)
	require.NotContains(t, ids(t, w.Driver), slot.WorkspaceID, "it is no workspace")
	h, v := w.claimed(t, slot)
	require.True(t, h.Warm)
	require.Equal(t, slot.PID, h.PID, "it is the process that ran before")
	awaitEditor(t, w.Driver, h)
	require.Equal(t, "/workspaces/project /home/coder t0ken hello "+v.WorkspaceID.String()+" coder",
		Inside(t, w.Driver, h, `cd; echo $OLDPWD $HOME $ATRIUM_TOKEN $GREETING $ATRIUM_WORKSPACE_ID $(whoami)`))
	Inside(t, w.Driver, h, `echo mine > ~/home && echo mine > file && mkdir folder && test -L /vscode/state/User`)
	require.NoError(t, w.Volumes.(driver.Folders).Folder(t.Context(), v, func(root *os.Root) error {
		text, err := root.ReadFile("file")
		require.Equal(t, "mine\n", string(text))
		return errors.Join(err, root.WriteFile("from-outside", []byte("theirs"), 0o644))
	}))
	require.Equal(t, "theirs", Inside(t, w.Driver, h, "cat from-outside && echo >> from-outside"))
	if w.Claimed != nil {
		w.Claimed(t, h, v)
	}

	// What makes its limits is there, and a later process finds it.
	require.Contains(t, Inside(t, w.Driver, h, `dd if=/dev/zero of=big bs=1M count=100 2>&1 || true; rm -f big`), "No space left")
	stats, err := w.Driver.Stats(t.Context(), h)
	require.NoError(t, err)
	require.Positive(t, stats.MemoryBytes)
	again := w.Again(t)
	list, err := again.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, v.WorkspaceID, list[0].WorkspaceID)
	require.True(t, list[0].Running)
	require.Equal(t, "mine", Inside(t, again, list[0], "cat ~/home"))
	_, err = w.Claim(t.Context(), slot, driver.Spec{WorkspaceID: uuid.New(), Owner: uuid.New(), Hostname: "other", Folder: "project"})
	require.Error(t, err, "it has its user")
}

// nothingGoesToTheNext lets a user leave traces wherever it can.
func (w warmer) nothingGoesToTheNext(t *testing.T) {
	const traces = `for dir in / ~ . /tmp /var/tmp /dev/shm /run/atrium /vscode/state /vscode/extensions /vscode/settings /home /workspaces /vscode; do echo secret-of-a > $dir/trace-of-a; done 2>/dev/null; true`
	const search = `find / \( -path /proc -o -path /sys -o -path /usr -o -path /opt \) -prune -o -name trace-of-a -print 2>/dev/null; true`
	first, second := w.slot(t), w.slot(t)
	a, _ := w.claimed(t, first)
	Inside(t, w.Driver, a, traces)
	require.NotEmpty(t, Inside(t, w.Driver, a, search))
	b, _ := w.claimed(t, second)
	require.Empty(t, Inside(t, w.Driver, b, search))
}
