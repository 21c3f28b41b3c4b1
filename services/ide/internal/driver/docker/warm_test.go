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
	"atrium.internal/services/ide/internal/driver/conformance"
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

// requireClaimed is what the docker driver alone promises of a claimed sandbox.
func requireClaimed(t *testing.T, c class, d *Driver, h driver.Handle, v driver.Volume) {
	t.Helper()
	require.Equal(t, "http://127.0.0.1:3128", conformance.Inside(t, d, h, "echo $HTTPS_PROXY"))
	if c == plain {
		require.Equal(t, "mine", conformance.Inside(t, d, h, "hostname"))
		require.Equal(t, "524288", conformance.Inside(t, d, h, "df -k --output=size /tmp | tail -n 1"), "half of the memory")
	}
	uid, err := d.UID(v.Owner)
	require.NoError(t, err)
	user := d.User(v.Owner)
	for _, name := range []string{userdata.Home + "/home", userdata.Project(v.WorkspaceID) + "/folder"} {
		require.Equal(t, uid, ownerOf(t, filepath.Join(user, name)), "on disk the user's files are the user's")
	}
	require.Equal(t, "1073741824", memoryLimit(t, h.PID))
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
