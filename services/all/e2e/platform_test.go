package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/mounts"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/pkg/testkit/redistest"
)

// modes are the ways to run the platform; every journey is walked in each.
var modes = []string{"one process", "services"}

// patience bounds the wait for anything that should happen soon.
const patience = 60 * time.Second

// platform is a running Atrium of this source tree.
type platform struct {
	t       testing.TB
	mode    string
	port    int
	env     []string
	bin     string
	logs    *logs
	secrets *secrets
	certs   string // folder of the services' certificates
	started map[string]*process
}

// forEachMode runs a test against a fresh platform in each run mode.
func forEachMode(t *testing.T, env []string, test func(*testing.T, *platform)) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) { test(t, startPlatform(t, mode, env...)) })
	}
}

// startPlatform starts the platform on free ports with an empty database; env
// adds settings.
func startPlatform(t testing.TB, mode string, env ...string) *platform {
	t.Helper()
	p := newPlatform(t, mode, env...)
	p.start()
	return p
}

// newPlatform is startPlatform without the start.
func newPlatform(t testing.TB, mode string, env ...string) *platform {
	t.Helper()
	dir := dataDir(t)
	p := &platform{t: t, mode: mode, port: freePort(t), bin: binaries(t), logs: &logs{}, secrets: &secrets{}, started: map[string]*process{}}
	p.env = append(os.Environ(),
		fmt.Sprintf("ATRIUM_LISTEN=127.0.0.1:%d", p.port),
		fmt.Sprintf("ATRIUM_PUBLIC_URL=http://atrium.localhost:%d", p.port),
		fmt.Sprintf("ATRIUM_IDE_DOMAIN=ide.atrium.localhost:%d", p.port),
		"ATRIUM_DATA_DIR="+dir,
		"ATRIUM_VSCODE_DIR="+vscodeDir(),
		"ATRIUM_KEY_FILE="+filepath.Join(dir, "keys", "deployment.key"),
		"ATRIUM_IDENTITY_KEY="+filepath.Join(dir, "keys", "identity.pem"),
		"ATRIUM_IDENTITY_PUBLIC_KEY="+filepath.Join(dir, "keys", "identity.pub.pem"),
		"DATABASE_URL="+pgtest.New(t).Reveal(),
		"REDIS_URL="+redistest.New(t).Reveal(),
		"ATRIUM_ADMIN_EMAIL=admin@example.com", "ATRIUM_ADMIN_PASSWORD=correct horse battery",
		"ANTHROPIC_API_KEY=", "ATRIUM_CONFIG=", "ATRIUM_LOG_LEVEL=debug", // whatever is logged at all is looked at
		// Stops need not be gentler than their test wants them.
		"ATRIUM_STOP_SPREAD=100ms", "ATRIUM_CHAT_DRAIN=5s",
		"ATRIUM_WARM_WORKSPACES=0", // tests count processes; the journeys have them
		// Any free port, which the log tells: further programs of a platform come with the same settings.
		"ATRIUM_METRICS_LISTEN=127.0.0.1:0", "ATRIUM_AUTH_METRICS_LISTEN=127.0.0.1:0", "ATRIUM_CHAT_METRICS_LISTEN=127.0.0.1:0",
		"ATRIUM_IDE_METRICS_LISTEN=127.0.0.1:0", "ATRIUM_AI_METRICS_LISTEN=127.0.0.1:0",
	)
	for _, name := range []string{"AUTH", "CHAT", "IDE", "IDE_DATA", "AI"} {
		port := freePort(t)
		p.env = append(p.env, fmt.Sprintf("ATRIUM_%s_LISTEN=127.0.0.1:%d", name, port), fmt.Sprintf("ATRIUM_%s_ADDR=127.0.0.1:%d", name, port))
	}
	p.env = append(p.env, env...)
	p.makeCertificates(filepath.Join(filepath.Dir(dir), "certs"))
	t.Cleanup(p.stop)
	return p
}

// programs are the processes of a mode, in the order of starting.
func (p *platform) programs() []string {
	if p.mode == "one process" {
		return []string{"atrium"}
	}
	return []string{"gatewayd", "authd", "aid", "chatd", "ided"}
}

func (p *platform) start() {
	p.t.Helper()
	for _, name := range p.programs() {
		if p.started[name] == nil {
			p.startProgram(name)
		}
	}
	p.waitReady()
}

func (p *platform) startProgram(name string) { p.startReplica(name, name) }

// startReplica starts a program under another name than its own; env adds to
// the platform's settings.
func (p *platform) startReplica(replica, name string, env ...string) {
	p.t.Helper()
	if name != "gatewayd" && p.mode != "one process" {
		p.waitForFile("ATRIUM_IDENTITY_PUBLIC_KEY")
	}
	cmd := exec.Command(filepath.Join(p.bin, name))
	cmd.Env, cmd.Stdout, cmd.Stderr = append(p.envOf(name), env...), p.logs, p.logs
	require.NoError(p.t, cmd.Start())
	running := &process{Cmd: cmd, ended: make(chan struct{})}
	go func() { running.err = cmd.Wait(); close(running.ended) }()
	p.started[replica] = running
}

// process is a program that runs; err is how it ended, once it has.
type process struct {
	*exec.Cmd
	ended chan struct{}
	err   error
}

// kill ends a program as a power cut would.
func (p *platform) kill(name string) {
	p.t.Helper()
	running := p.started[name]
	require.NoError(p.t, running.Process.Kill())
	<-running.ended
	delete(p.started, name)
}

// stop ends every program as an operator would.
func (p *platform) stop() {
	for _, running := range p.started {
		_ = running.Process.Signal(syscall.SIGTERM) // it may have ended already
	}
	for name, running := range p.started {
		select {
		case <-running.ended:
			if running.err != nil {
				p.t.Errorf("%s ended badly: %v", name, running.err)
			}
		case <-time.After(patience):
			_ = running.Process.Kill()
			p.t.Errorf("%s did not end when told to", name)
		}
	}
	p.started = map[string]*process{}
	if !p.t.Failed() {
		p.requireDiscretion()
	}
	if p.t.Failed() {
		p.t.Logf("what the platform logged:\n%s", p.logs)
	}
}

func (p *platform) waitReady() {
	p.t.Helper()
	eventually(p.t, "the platform is ready", func() error {
		for name, running := range p.started {
			select {
			case <-running.ended:
				p.t.Fatalf("%s ended while starting: %v", name, running.err)
			default:
			}
		}
		response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/readyz", p.port))
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return errors.New(response.Status)
		}
		return nil
	}, p.logs)
}

func (p *platform) waitForFile(setting string) {
	p.t.Helper()
	path := p.setting(setting)
	eventually(p.t, path+" is there", func() error { _, err := os.Stat(path); return err }, p.logs)
}

// eventually polls until check passes, or fails the test with what was last wrong.
func eventually(t testing.TB, what string, check func() error, context ...fmt.Stringer) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s: %v\n%v", patience, what, err, context)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// built is where the programs are, once they are.
var built string

// binaries builds the programs once per test run.
var buildOnce = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "atrium-e2e-")
	if err != nil {
		return "", err
	}
	built = dir
	root := repository()
	build := exec.Command("go", "build", "-buildvcs=false", "-o", dir+"/", "./services/all/cmd/atrium", "./gateway/cmd/gatewayd",
		"./services/auth/cmd/authd", "./services/chat/cmd/chatd", "./services/ide/cmd/ided", "./services/ai/cmd/aid")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	build = exec.Command("go", "build", "-buildvcs=false", "-o", dir+"/", "./services/ide/cmd/workspace-keeper")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return dir, nil
})

func binaries(t testing.TB) string {
	t.Helper()
	dir, err := buildOnce()
	require.NoError(t, err)
	return dir
}

func TestMain(m *testing.M) {
	code := m.Run()
	if !endAttacked() {
		code = 1
	}
	if built != "" {
		_ = os.RemoveAll(built) // a leftover in the temporary folder does no harm
	}
	if notProven != "" {
		fmt.Println(notProven)
	}
	os.Exit(code)
}

// start is this package's folder, where go test starts it.
var start, startErr = os.Getwd()

func repository() string {
	if startErr != nil {
		panic(startErr)
	}
	return filepath.Join(start, "..", "..", "..")
}

func vscodeDir() string {
	if dir := os.Getenv("ATRIUM_VSCODE_DIR"); dir != "" {
		return dir
	}
	return filepath.Join(repository(), ".cache", "vscode")
}

// dataDir makes a data directory that other users of the machine, as
// workspaces run under, can reach.
func dataDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "atrium-data-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() {
		mounts.EndBelow(dir)
		_ = os.RemoveAll(dir)
	})
	return filepath.Join(dir, "data")
}

// ports are those that freePort has given.
var ports sync.Map

// freePort gives a port that nothing listens on, to nobody twice. It is below those
// that the system gives to connections, which would take it before its program does,
// and below those of tools/free-ports.sh, whose users run beside these tests.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 12000 + rand.IntN(8000)
		if _, given := ports.LoadOrStore(port, nil); given {
			continue
		}
		listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			require.NoError(t, listener.Close())
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// logs collects what programs print.
type logs struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// between gives what was printed between two texts.
func (l *logs) between(t testing.TB, start, end string) string {
	t.Helper()
	var found string
	eventually(t, "printed: "+start, func() error {
		_, rest, ok := strings.Cut(l.String(), start)
		if !ok {
			return errors.New("not yet")
		}
		found, _, _ = strings.Cut(rest, end)
		return nil
	})
	return strings.TrimSpace(found)
}

// setting is the last value that the programs are given for a name.
func (p *platform) setting(name string) (value string) {
	for _, line := range p.env {
		if v, ok := strings.CutPrefix(line, name+"="); ok {
			value = v
		}
	}
	return value
}
