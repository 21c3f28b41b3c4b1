package postgres_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/localdb/postgres"
)

// childEnv makes this test binary a program that starts the server and then
// dies without a word; see TestServerOutlivesTheProgram.
const childEnv = "LOCALDB_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if _, _, err := postgres.Start(context.Background(), postgres.Options{Dir: dir, Volatile: true}); err != nil {
			panic(err)
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	os.Exit(m.Run())
}

type running struct {
	dir  string
	url  config.Secret
	stop func(context.Context) error
}

// start runs a server in dir until the test ends.
func start(t *testing.T, dir string) running {
	t.Helper()
	return startWith(t, postgres.Options{Dir: dir, Volatile: true})
}

func startWith(t *testing.T, o postgres.Options) running {
	t.Helper()
	url, stop, err := postgres.Start(t.Context(), o)
	if err != nil && strings.Contains(err.Error(), postgres.ErrNotInstalled.Error()) && os.Getenv("CI") == "" {
		t.Skipf("SKIPPED: %v", err)
	}
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		require.NoError(t, stop(ctx))
	})
	return running{dir: o.Dir, url: url, stop: stop}
}

func (r running) query(t *testing.T, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), r.url.Reveal())
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	rows, err := conn.Query(t.Context(), sql)
	require.NoError(t, err)
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return strings.Join(values, ",")
}

func (r running) startedAt(t *testing.T) string {
	return r.query(t, `SELECT pg_postmaster_start_time()::text`)
}

func (r running) pid(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, "data", "postmaster.pid"))
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	require.NoError(t, err)
	return pid
}

func home(t *testing.T) string { return filepath.Join(t.TempDir(), "postgres") }

func TestDataSurvivesStopAndStart(t *testing.T) {
	t.Parallel()
	first := start(t, home(t))
	first.query(t, `CREATE TABLE kept AS SELECT 'here' AS what`)
	require.Equal(t, "C.UTF-8", first.query(t, `SELECT datcollate FROM pg_database WHERE datname = current_database()`))
	require.Empty(t, first.query(t, `SHOW listen_addresses`), "reachable by its Unix socket only")
	require.NoError(t, first.stop(t.Context()))

	second := start(t, first.dir)
	require.Equal(t, "here", second.query(t, `SELECT what FROM kept`))
	for _, folder := range []string{first.dir, filepath.Join(first.dir, "data")} {
		info, err := os.Stat(folder)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), folder)
	}
}

func TestDurableUnlessAskedOtherwise(t *testing.T) {
	t.Parallel()
	server := startWith(t, postgres.Options{Dir: home(t)})
	require.Equal(t, "on", server.query(t, `SHOW fsync`))
	require.NotContains(t, server.url.String(), "atrium", "the URL holds a password")
}

func TestRunningServerIsAdopted(t *testing.T) {
	t.Parallel()
	dir := home(t)
	before := start(t, dir).startedAt(t)
	require.Equal(t, before, start(t, dir).startedAt(t))
}

func TestServerOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	dir := home(t)
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), childEnv+"="+dir)
	require.ErrorContains(t, program.Run(), "signal: killed")

	born := time.Now()
	var at time.Time
	server := start(t, dir)
	conn, err := pgx.Connect(t.Context(), server.url.Reveal())
	require.NoError(t, err)
	defer func() { _ = conn.Close(t.Context()) }()
	require.NoError(t, conn.QueryRow(t.Context(), `SELECT pg_postmaster_start_time()`).Scan(&at))
	require.True(t, at.Before(born), "the killed program's server is still the one that answers")
}

func TestKilledServerRecovers(t *testing.T) {
	t.Parallel()
	first := startWith(t, postgres.Options{Dir: home(t)})
	first.query(t, `CREATE TABLE kept AS SELECT 'here' AS what`)
	require.NoError(t, syscall.Kill(first.pid(t), syscall.SIGKILL))
	require.Equal(t, "here", start(t, first.dir).query(t, `SELECT what FROM kept`))
}

func TestPidFileThatNamesAStranger(t *testing.T) {
	t.Parallel()
	first := start(t, home(t))
	path := filepath.Join(first.dir, "data", "postmaster.pid")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(text), "\n")
	require.NoError(t, first.stop(t.Context()))

	require.NoError(t, os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"+rest), 0o600))
	require.Equal(t, "1", start(t, first.dir).query(t, `SELECT 1::text`))
}

func TestServerWhoseSocketVanished(t *testing.T) {
	t.Parallel()
	first := start(t, home(t))
	config, err := pgx.ParseConfig(first.url.Reveal())
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(config.Host))
	require.Equal(t, "1", start(t, first.dir).query(t, `SELECT 1::text`))
}

func TestStartThatWasKilledIsRepeated(t *testing.T) {
	t.Parallel()
	dir := home(t)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700))
	require.Equal(t, "1", start(t, dir).query(t, `SELECT 1::text`))
	require.NoDirExists(t, filepath.Join(dir, "data.new"))
}

func TestProgramsThatStartTogetherShareOneServer(t *testing.T) {
	t.Parallel()
	dir := home(t)
	type result struct {
		server running
		err    error
	}
	results := make(chan result)
	for range 4 {
		go func() {
			url, stop, err := postgres.Start(t.Context(), postgres.Options{Dir: dir, Volatile: true})
			results <- result{running{dir: dir, url: url, stop: stop}, err}
		}()
	}
	seen := map[string]bool{}
	var last running
	for range 4 {
		r := <-results
		require.NoError(t, r.err)
		seen[r.server.startedAt(t)] = true
		last = r.server
	}
	require.Len(t, seen, 1)
	require.NoError(t, last.stop(t.Context()))
	require.NoError(t, last.stop(t.Context()), "stopping twice is allowed")
}

func TestOtherVersionIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	dir := home(t)
	version := filepath.Join(dir, "data", "PG_VERSION")
	require.NoError(t, os.MkdirAll(filepath.Dir(version), 0o700))
	require.NoError(t, os.WriteFile(version, []byte("9\n"), 0o600))

	_, _, err := postgres.Start(t.Context(), postgres.Options{Dir: dir})
	require.ErrorContains(t, err, "was made by Postgres 9 but Postgres 1")
	require.NotContains(t, err.Error(), "\n")
	require.FileExists(t, version)
}

func TestFolderOfSomethingElseIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	dir := home(t)
	file := filepath.Join(dir, "data", "thesis.txt")
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, nil, 0o600))

	_, _, err := postgres.Start(t.Context(), postgres.Options{Dir: dir})
	require.ErrorContains(t, err, "is not a Postgres data directory")
	require.FileExists(t, file)
}

func TestRootGivesTheServerToSomebodyElse(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can run a server as somebody else")
	}
	parent := t.TempDir()
	require.NoError(t, os.Chmod(parent, 0o700), "as /root is: not open to the server's user")
	server := start(t, filepath.Join(parent, "postgres"))
	info, err := os.Stat("/proc/" + strconv.Itoa(server.pid(t)))
	require.NoError(t, err)
	require.NotZero(t, info.Sys().(*syscall.Stat_t).Uid)
}
