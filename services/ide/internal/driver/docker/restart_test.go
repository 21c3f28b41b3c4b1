package docker

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
)

// ownEngine is a Docker Engine beside the machine's, for a test that restarts it.
type ownEngine struct {
	dir, bridge string
	cmd         *exec.Cmd
	// containerd runs the containers, and goes on when the engine ends.
	containerd *exec.Cmd
}

// newEngine starts one. It has a bridge of its own and touches no firewall, so
// that the machine's engine keeps what it has.
func newEngine(t *testing.T) *ownEngine {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: an engine of its own needs root")
	}
	if _, err := exec.LookPath("dockerd"); err != nil {
		conformance.Required(t, "docker", "dockerd is not installed")
	}
	dir, err := os.MkdirTemp("/tmp", "atrium-dockerd-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	// A name and a network of this process: others may run the same test.
	e := &ownEngine{dir: dir, bridge: fmt.Sprintf("atrium%d", os.Getpid())}
	run(t, "ip", "link", "add", "name", e.bridge, "type", "bridge")
	run(t, "ip", "address", "add", fmt.Sprintf("10.254.%d.%d/30", os.Getpid()>>6&255, os.Getpid()<<2&255|1), "dev", e.bridge)
	t.Cleanup(func() {
		e.end(t, os.Interrupt)
		require.NoError(t, e.containerd.Process.Signal(os.Interrupt))
		_ = e.containerd.Wait()
		_ = exec.Command("umount", "-R", filepath.Join(dir, "data")).Run() // with live-restore the engine leaves its mount
		run(t, "ip", "link", "delete", e.bridge)
	})
	e.containerd = exec.Command("containerd", "--address", filepath.Join(dir, "containerd.sock"),
		"--root", filepath.Join(dir, "containers"), "--state", filepath.Join(dir, "state"))
	e.launch(t, e.containerd)
	e.start(t)
	return e
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	text, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, "%s %s: %s", name, strings.Join(args, " "), text)
	return string(text)
}

func (e *ownEngine) host() string { return "unix://" + filepath.Join(e.dir, "docker.sock") }

func (e *ownEngine) start(t *testing.T) {
	t.Helper()
	e.cmd = exec.Command("dockerd", "--host", e.host(), "--data-root", filepath.Join(e.dir, "data"), "--exec-root", filepath.Join(e.dir, "exec"),
		"--pidfile", filepath.Join(e.dir, "pid"), "--config-file", filepath.Join(e.dir, "none.json"), "--live-restore",
		"--containerd", filepath.Join(e.dir, "containerd.sock"), "--bridge", e.bridge, "--iptables=false", "--ip6tables=false", "--ip-masq=false")
	require.NoError(t, os.WriteFile(filepath.Join(e.dir, "none.json"), []byte("{}"), 0o600))
	log := e.launch(t, e.cmd)
	for until := time.Now().Add(time.Minute); exec.Command("docker", "-H", e.host(), "info").Run() != nil; time.Sleep(100 * time.Millisecond) {
		require.False(t, time.Now().After(until), "the engine does not answer: %s", run(t, "tail", "-n", "5", log))
	}
}

// launch starts a program whose output goes to a file, which it tells.
func (e *ownEngine) launch(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(e.dir, filepath.Base(cmd.Path)+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	require.NoError(t, cmd.Start())
	return log.Name()
}

func (e *ownEngine) end(t *testing.T, how os.Signal) {
	t.Helper()
	require.NoError(t, e.cmd.Process.Signal(how))
	_ = e.cmd.Wait() // it may call its end a failure
}

// image makes one of this machine's own shell and sleep.
func (e *ownEngine) image(t *testing.T) string {
	t.Helper()
	files := []string{"/bin/bash", "/bin/sleep"}
	for _, line := range strings.Split(run(t, "ldd", files[0]), "\n") {
		if at := strings.Index(line, "/"); at >= 0 {
			files = append(files, strings.Fields(line[at:])[0])
		}
	}
	tar := exec.Command("tar", append([]string{"-C", "/", "-ch"}, trimmed(files)...)...)
	load := exec.Command("docker", "-H", e.host(), "import", "-", "bare")
	var err error
	load.Stdin, err = tar.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, tar.Start())
	text, err := load.CombinedOutput()
	require.NoError(t, err, "%s", text)
	require.NoError(t, tar.Wait())
	return "bare"
}

func trimmed(paths []string) []string {
	var all []string
	for _, p := range paths {
		all = append(all, strings.TrimPrefix(p, "/"))
	}
	return all
}

// TestWorkspacesOutliveTheEngine is fault row 18: the engine is restarted, and
// killed, below running workspaces.
func TestWorkspacesOutliveTheEngine(t *testing.T) {
	e := newEngine(t)
	d := plain.driver(t, dataDir(t), func(o *Options) { o.Host, o.Image = e.host(), e.image(t) })
	m, _, err := d.look(t.Context())
	if err != nil {
		conformance.Required(t, "docker", err.Error())
	}
	d.found = &m
	p := newPerson(t, d, driver.Limits{MemoryBytes: 128 << 20, Processes: 50, CPUMillis: 500})
	p.start(t, `echo up; while :; do sleep 0.1; done`)
	pid := p.handle.PID
	require.NotZero(t, pid)

	for _, how := range []os.Signal{os.Interrupt, os.Kill} {
		e.end(t, how)
		_, err = d.List(t.Context())
		require.Error(t, err, "nobody knows what runs")
		_, err = d.Stats(t.Context(), p.handle)
		require.Error(t, err)
		require.NotErrorIs(t, err, driver.ErrNotRunning)
		ports, err := d.Ports(t.Context(), p.handle)
		require.NoError(t, err, "the workspace itself is reached all the while")
		require.Empty(t, ports)

		e.start(t)
		list, err := d.List(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.True(t, list[0].Running, "after %s", how)
		require.Equal(t, pid, list[0].PID)
		s, err := d.Stats(t.Context(), list[0])
		require.NoError(t, err)
		require.Positive(t, s.Processes)
	}
}
