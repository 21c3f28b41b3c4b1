package docker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/editor"
)

// slots gives a driver that can make slots, none of which outlives the test.
func slots(t *testing.T, c class) (d *Driver, env []string) {
	t.Helper()
	d, env = c.need(t), []string{"GREETING=hello"}
	_, release, err := d.Slots(t.Context(), env)
	if errors.Is(err, driver.ErrNoWarmth) {
		t.Skip("SKIPPED: " + err.Error())
	}
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, release())
		left, release, err := d.Slots(context.Background(), nil) // with another environment, so none is kept
		require.NoError(t, err)
		require.Empty(t, left)
		require.NoError(t, release())
		mounts, err := os.ReadFile("/proc/self/mountinfo")
		require.NoError(t, err)
		require.NotContains(t, string(mounts), d.Run, "nothing stays mounted")
	})
	return d, env
}

func warm(t *testing.T, d *Driver, env []string) driver.Handle {
	t.Helper()
	h, err := d.Warm(t.Context(), env)
	require.NoError(t, err)
	ready(t, d, h)
	return h
}

func ready(t *testing.T, d *Driver, h driver.Handle) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, editor.Probe{Every: 20 * time.Millisecond}.Await(ctx, func(ctx context.Context) (net.Conn, error) { return d.Dial(ctx, h) }))
}

// take gives a slot to a new user with a new workspace.
func take(t *testing.T, d *Driver, slot driver.Handle) (driver.Handle, driver.Volume) {
	t.Helper()
	v, err := d.Ensure(t.Context(), driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New(), Limit: 64 << 20})
	require.NoError(t, err)
	began := time.Now()
	h, err := d.Claim(t.Context(), slot, driver.Spec{
		WorkspaceID: v.WorkspaceID, Owner: v.Owner, Hostname: "mine", Folder: "project",
		Limits: driver.Limits{CPUMillis: 1000, MemoryBytes: 1 << 30, Processes: 200},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, d.Stop(context.Background(), h))
		require.NoError(t, d.Destroy(context.Background(), h))
		require.NoError(t, d.DeleteUser(context.Background(), v.Owner))
	})
	h.Env = []string{"ATRIUM_TOKEN=t0ken", "GREETING=hello"}
	h, err = d.Attach(t.Context(), h, v)
	require.NoError(t, err)
	t.Logf("claimed in %s", time.Since(began))
	return h, v
}

// inside runs a script as the editor's programs are run.
func inside(t *testing.T, d *Driver, h driver.Handle, script string) string {
	t.Helper()
	var said strings.Builder
	exit, err := d.Execute(t.Context(), h, driver.Command{Args: []string{"/bin/bash", "-c", script}}, func(p []byte) { said.Write(p) })
	require.NoError(t, err)
	require.Zero(t, exit, said.String())
	return strings.TrimSpace(said.String())
}

func TestASlotBecomesSomebodys(t *testing.T) {
	each(t, func(t *testing.T, c class) {
		d, env := slots(t, c)
		slot := warm(t, d, env)
		listed, err := d.List(t.Context())
		require.NoError(t, err)
		require.Empty(t, listed, "it is no workspace")
		h, v := take(t, d, slot)
		require.True(t, h.Warm)
		require.Equal(t, slot.PID, h.PID, "it is the process that ran before")
		ready(t, d, h)

		require.Equal(t, "/workspaces/project /home/coder t0ken hello "+v.WorkspaceID.String()+" coder http://127.0.0.1:3128",
			inside(t, d, h, `cd; echo $OLDPWD $HOME $ATRIUM_TOKEN $GREETING $ATRIUM_WORKSPACE_ID $(whoami) $HTTPS_PROXY`))
		if c == plain {
			require.Equal(t, "mine", inside(t, d, h, "hostname"))
			require.Equal(t, "524288", inside(t, d, h, "df -k --output=size /tmp | tail -n 1"), "half of the memory")
		}
		inside(t, d, h, `echo mine > ~/home && echo mine > file && mkdir folder && test -L /vscode/state/User`)
		require.NoError(t, d.Folder(t.Context(), v, func(root *os.Root) error {
			text, err := root.ReadFile("file")
			require.Equal(t, "mine\n", string(text))
			return errors.Join(err, root.WriteFile("from-outside", []byte("theirs"), 0o644))
		}))
		require.Equal(t, "theirs", inside(t, d, h, "cat from-outside && echo >> from-outside"))
		uid, err := d.UID(v.Owner)
		require.NoError(t, err)
		user := d.User(v.Owner)
		for _, name := range []string{userdata.Home + "/home", userdata.Project(v.WorkspaceID) + "/folder"} {
			require.Equal(t, uid, ownerOf(t, filepath.Join(user, name)), "on disk the user's files are the user's")
		}

		// What makes its limits is there, and a later process finds it.
		require.Contains(t, inside(t, d, h, `dd if=/dev/zero of=big bs=1M count=100 2>&1 || true; rm -f big`), "No space left")
		stats, err := d.Stats(t.Context(), h)
		require.NoError(t, err)
		require.Positive(t, stats.MemoryBytes)
		require.Equal(t, "1073741824", memoryLimit(t, h.PID))
		again, err := c.driver(t, d.Data).List(t.Context())
		require.NoError(t, err)
		require.Len(t, again, 1)
		require.Equal(t, v.WorkspaceID, again[0].WorkspaceID)
		require.True(t, again[0].Running)
		require.Equal(t, "mine", inside(t, d, again[0], "cat ~/home"))
		_, err = d.Claim(t.Context(), slot, driver.Spec{WorkspaceID: uuid.New(), Owner: uuid.New(), Hostname: "other", Folder: "project"})
		require.Error(t, err, "it has its user")
	})
}

// TestNothingOfAUserGoesToTheNext lets a user leave traces wherever it can.
func TestNothingOfAUserGoesToTheNext(t *testing.T) {
	const traces = `for dir in / ~ . /tmp /var/tmp /dev/shm /run/atrium /vscode/state /vscode/extensions /vscode/settings /home /workspaces /vscode; do echo secret-of-a > $dir/trace-of-a; done 2>/dev/null; true`
	const search = `find / \( -path /proc -o -path /sys -o -path /usr -o -path /opt \) -prune -o -name trace-of-a -print 2>/dev/null; true`
	each(t, func(t *testing.T, c class) {
		d, env := slots(t, c)
		first, second := warm(t, d, env), warm(t, d, env)
		require.NotEqual(t, decoded(t, first).UID, decoded(t, second).UID)
		a, _ := take(t, d, first)
		inside(t, d, a, traces)
		require.NotEmpty(t, inside(t, d, a, search))
		b, _ := take(t, d, second)
		require.Empty(t, inside(t, d, b, search))
	})
}

// TestASlotIsNobodysTwice cuts claims short at each step.
func TestASlotIsNobodysTwice(t *testing.T) {
	d, env := slots(t, plain)
	untouched, half := warm(t, d, env), warm(t, d, env)
	v, err := d.Ensure(t.Context(), driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()})
	require.NoError(t, err)
	_, err = d.Claim(t.Context(), half, driver.Spec{WorkspaceID: v.WorkspaceID, Owner: v.Owner, Hostname: "mine", Folder: "project"})
	require.NoError(t, err) // and the process ends before Attach
	listed, err := d.List(t.Context())
	require.NoError(t, err)
	require.Len(t, listed, 1)
	require.False(t, listed[0].Running)

	m, err := d.machine(t.Context())
	require.NoError(t, err)
	adopted, err := plain.need(t, func(o *Options) { o.DataDir = d.Data }).adopt(t.Context(), m, d.made(m, env))
	require.NoError(t, err)
	require.Len(t, adopted, 1, "what nobody touched is kept")
	require.Equal(t, decoded(t, untouched).Container, decoded(t, adopted[0]).Container)
	_, found, err := d.engine.inspect(t.Context(), decoded(t, half).Container)
	require.NoError(t, err)
	require.False(t, found)
	entries, err := os.ReadDir(filepath.Join(d.User(v.Owner), userdata.Project(v.WorkspaceID), ".."))
	require.NoError(t, err)
	require.Len(t, entries, 1, "the user's files stay when what showed them goes")
}

func decoded(t *testing.T, h driver.Handle) record {
	t.Helper()
	r, err := decode(h.State)
	require.NoError(t, err)
	return r
}

func ownerOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Lstat(path)
	require.NoError(t, err)
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

// memoryLimit reads that of a process' control group, in either of the kernel's layouts.
func memoryLimit(t *testing.T, pid int) string {
	t.Helper()
	groups, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(groups)) {
		_, after, _ := strings.Cut(strings.TrimSpace(line), ":")
		controller, path, _ := strings.Cut(after, ":")
		for _, file := range map[string][]string{"memory": {"/sys/fs/cgroup/memory" + path + "/memory.limit_in_bytes"}, "": {"/sys/fs/cgroup" + path + "/memory.max"}}[controller] {
			if limit, err := os.ReadFile(file); err == nil {
				return strings.TrimSpace(string(limit))
			}
		}
	}
	return "none"
}
