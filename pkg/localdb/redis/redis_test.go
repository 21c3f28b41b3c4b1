package redis_test

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	client "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/localdb/redis"
)

const (
	// miniArg makes this test binary the process of the stand-in.
	miniArg = "serve-mini"
	// childEnv makes it a program that starts the server and is then killed.
	childEnv = "LOCALDB_TEST_CHILD_DIR"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == miniArg {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		if err := redis.ServeMini(ctx, os.Args[2]); err != nil {
			panic(err)
		}
		return
	}
	if dir := os.Getenv(childEnv); dir != "" {
		if _, _, err := redis.Start(context.Background(), options(dir, os.Getenv("LOCALDB_TEST_MINI") != "")); err != nil {
			panic(err)
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	os.Exit(m.Run())
}

func options(dir string, mini bool) redis.Options {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return redis.Options{Dir: dir, Mini: []string{self, miniArg}, NoServer: mini}
}

// each runs a test against redis-server and against the stand-in.
func each(t *testing.T, test func(t *testing.T, mini bool)) {
	t.Run("redis-server", func(t *testing.T) {
		t.Parallel()
		if _, err := exec.LookPath("redis-server"); err != nil && os.Getenv("CI") == "" {
			t.Skip("SKIPPED: redis-server is not installed")
		}
		test(t, false)
	})
	t.Run("stand-in", func(t *testing.T) {
		t.Parallel()
		test(t, true)
	})
}

func start(t *testing.T, o redis.Options) (*client.Client, func(context.Context) error) {
	t.Helper()
	url, stop, err := redis.Start(t.Context(), o)
	require.NoError(t, err)
	parsed, err := client.ParseURL(url.Reveal())
	require.NoError(t, err)
	conn := client.NewClient(parsed)
	t.Cleanup(func() {
		_ = conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, stop(ctx))
	})
	return conn, stop
}

func TestServerIsAdopted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, mini bool) {
		dir := filepath.Join(t.TempDir(), "redis")
		first, _ := start(t, options(dir, mini))
		require.NoError(t, first.Set(t.Context(), "k", "v", 0).Err())
		second, _ := start(t, options(dir, mini))
		require.Equal(t, "v", second.Get(t.Context(), "k").Val())
	})
}

func TestServerOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, mini bool) {
		dir := filepath.Join(t.TempDir(), "redis")
		program := exec.Command(os.Args[0])
		program.Env = append(os.Environ(), childEnv+"="+dir)
		if mini {
			program.Env = append(program.Env, "LOCALDB_TEST_MINI=1")
		}
		require.ErrorContains(t, program.Run(), "signal: killed")
		_, err := os.Stat(filepath.Join(dir, "data"))
		require.NoError(t, err)
		log, err := os.ReadFile(filepath.Join(dir, "server.log"))
		require.NoError(t, err)

		start(t, options(dir, mini))
		after, err := os.ReadFile(filepath.Join(dir, "server.log"))
		require.NoError(t, err)
		require.Equal(t, strings.Count(string(log), "Redis is starting"), strings.Count(string(after), "Redis is starting"), "no second server was started")
	})
}

func TestValuesExpire(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, mini bool) {
		conn, _ := start(t, options(filepath.Join(t.TempDir(), "redis"), mini))
		require.NoError(t, conn.Set(t.Context(), "k", "v", 50*time.Millisecond).Err())
		require.Eventually(t, func() bool { return conn.Exists(t.Context(), "k").Val() == 0 }, 5*time.Second, 10*time.Millisecond)
	})
}

func TestServerKeepsItsDataOverAStop(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("redis-server"); err != nil && os.Getenv("CI") == "" {
		t.Skip("SKIPPED: redis-server is not installed")
	}
	dir := filepath.Join(t.TempDir(), "redis")
	first, stop := start(t, options(dir, false))
	require.NoError(t, first.Set(t.Context(), "k", "v", 0).Err())
	require.NoError(t, stop(t.Context()))
	second, _ := start(t, options(dir, false))
	require.Equal(t, "v", second.Get(t.Context(), "k").Val())
}

func TestServerWhoseSocketVanished(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, mini bool) {
		dir := filepath.Join(t.TempDir(), "redis")
		first, _ := start(t, options(dir, mini))
		require.NoError(t, os.RemoveAll(filepath.Dir(first.Options().Addr)))
		second, _ := start(t, options(dir, mini))
		require.NoError(t, second.Ping(t.Context()).Err())
	})
}
