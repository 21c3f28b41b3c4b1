package directory

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestWorkspacesSurviveTheKillOfTheirStarter(t *testing.T) {
	needVSCode(t)
	data := dataDir(t)
	child := exec.Command("/proc/self/exe")
	child.Env = append(os.Environ(), startInChild+"="+data)
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "started\n", line)
	require.NoError(t, child.Process.Kill()) // SIGKILL
	require.Error(t, child.Wait())

	d := newDriver(t, data)
	list, err := d.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.True(t, list[0].Running)
	require.Eventually(t, func() bool {
		conn, err := d.Dial(t.Context(), list[0])
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 30*time.Second, 20*time.Millisecond, "the survivor must answer")
	require.NoError(t, d.Stop(t.Context(), list[0]))
	list, err = d.List(t.Context())
	require.NoError(t, err)
	require.False(t, list[0].Running)
	require.NoError(t, d.Destroy(t.Context(), list[0]))
}

func TestAStarterKilledBeforeTheRecordLeavesNothing(t *testing.T) {
	t.Parallel()
	proof := filepath.Join(t.TempDir(), "ran")
	held, release, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, release.Close()) // what the kernel does to a killed program's pipes
	cmd := exec.Command("/bin/sh", "-c", gate, "sh", "touch", proof)
	cmd.ExtraFiles = []*os.File{held}
	require.Error(t, cmd.Run())
	require.NoError(t, held.Close())
	require.NoFileExists(t, proof)
}

func TestAnUnreadableRecordFailsTheWholeList(t *testing.T) {
	t.Parallel()
	d := newDriver(t, dataDir(t))
	require.NoError(t, d.prepare())
	for name, text := range map[string]string{"newer.json": `{"version": 2}`, "broken.json": `{`} {
		path := filepath.Join(d.records(), name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := d.List(t.Context())
		require.Error(t, err, name)
		require.NoError(t, os.Remove(path))
	}
}

func TestAReusedPIDIsNotTheSandbox(t *testing.T) {
	t.Parallel()
	self, err := identify(os.Getpid())
	require.NoError(t, err)
	require.True(t, self.alive())
	earlier, rebooted := self, self
	earlier.Start--
	rebooted.Boot = "another"
	require.False(t, earlier.alive())
	require.False(t, rebooted.alive())
}

func TestStopEndsProcessesThatIgnoreIt(t *testing.T) {
	d := needNamespaces(t)
	p := newPerson(t, d, driver0)
	r := p.start(t, `trap "" TERM; (trap "" TERM; setsid sleep 1000) & echo up; while :; do sleep 1; done`)
	require.Eventually(t, func() bool { return p.printed(t) == "up\n" }, 10*time.Second, 10*time.Millisecond)
	before, err := members(r)
	require.NoError(t, err)
	require.NotEmpty(t, before)
	p.end(t)
	for _, pid := range before {
		_, err := readStat(pid)
		require.Error(t, err, "process %d is still there", pid)
	}
}

// TestStopEndsWhatHasLostItsFirstProcess: the kernel may choose the sandbox's
// own keeper when memory is short.
func TestStopEndsWhatHasLostItsFirstProcess(t *testing.T) {
	d := needNamespaces(t)
	for name, cgroups := range map[string]bool{"found by control group": d.found.cgroups, "found by environment": false} {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t, d, driver0)
			p.record.Cgroup = cgroups
			r := p.start(t, `echo up; sleep 1000; true`)
			require.Eventually(t, func() bool { return p.printed(t) == "up\n" }, 10*time.Second, 10*time.Millisecond)
			before, err := members(r)
			require.NoError(t, err)
			require.NotEmpty(t, before)
			require.NoError(t, unix.Kill(r.Process.PID, unix.SIGKILL))
			require.Eventually(t, func() bool { return !r.Process.alive() }, 10*time.Second, 10*time.Millisecond)
			p.end(t)
			for _, pid := range before {
				_, err := readStat(pid)
				require.Error(t, err, "process %d is still there", pid)
			}
		})
	}
}
