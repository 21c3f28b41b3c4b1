// Package redistest gives each test an empty Redis of its own.
package redistest

import (
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"atrium.internal/pkg/config"
)

const startTimeout = 30 * time.Second

// guarded runs redis-server, and ends it when its standard input closes, which
// also happens when the test process is killed.
const guarded = `redis-server --port 0 --unixsocket "$1" --save "" --appendonly no --dir "$2" >"$2/log" 2>&1 &
read -r _; kill $!; wait $!`

// New starts a redis-server for the test and returns its URL. The server ends
// with the test. Without redis-server the test fails when CI is set and is
// skipped otherwise.
func New(t testing.TB) config.Secret {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs redis-server, which is not installed")
		}
		t.Skip("SKIPPED, this test needs redis-server, which is not installed")
	}
	// Not t.TempDir(): the path of a socket is limited to 107 bytes.
	dir, err := os.MkdirTemp("/tmp", "atrium-redis-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "redis.sock")

	cmd := exec.Command("sh", "-c", guarded, "sh", socket, dir)
	life, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	t.Cleanup(func() { end(t, cmd, life) })
	await(t, socket, filepath.Join(dir, "log"))
	return config.Secret((&url.URL{Scheme: "unix", Path: socket}).String())
}

func end(t testing.TB, cmd *exec.Cmd, life io.Closer) {
	if err := life.Close(); err != nil {
		t.Errorf("stop redis-server: %v", err)
	}
	_ = cmd.Wait() // the exit status of a killed server says nothing
}

func await(t testing.TB, socket, log string) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, MaxRetries: -1})
	defer func() { _ = client.Close() }()
	for deadline := time.Now().Add(startTimeout); ; {
		err := client.Ping(t.Context()).Err()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			text, _ := os.ReadFile(log)
			t.Fatalf("redis-server does not answer: %v\n%s", err, text)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
