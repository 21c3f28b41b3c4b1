package pgtest

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/localdb/postgres"
)

// Pair is a Postgres of the test's own with a streaming replica of it.
type Pair struct {
	Primary, Replica config.Secret

	t       testing.TB
	program string // postgres
	data    string // the replica's
	owner   *syscall.SysProcAttr
	replica *exec.Cmd
}

// NewPair starts both servers, and ends them with the test. Without pg_basebackup
// the test fails when CI is set and is skipped otherwise.
func NewPair(t testing.TB) *Pair {
	t.Helper()
	tools, err := postgres.Installed()
	if err == nil {
		_, err = os.Stat(filepath.Join(tools, "pg_basebackup"))
	}
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("SKIPPED, this test needs Postgres with pg_basebackup: %v", err)
	}
	require.NoError(t, err)
	// Not t.TempDir: a server of another user can't get into it.
	dir, err := os.MkdirTemp("", "atrium-pair-")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755))

	primary, stop, err := postgres.Start(t.Context(), postgres.Options{Dir: filepath.Join(dir, "primary"), Volatile: true})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		require.NoError(t, stop(ctx))
	})
	p := &Pair{t: t, Primary: primary, program: filepath.Join(tools, "postgres"), data: filepath.Join(dir, "replica")}
	require.NoError(t, os.Mkdir(p.data, 0o700))
	p.give(filepath.Join(dir, "primary", "data"))

	at, err := url.Parse(primary.Reveal())
	require.NoError(t, err)
	password, _ := at.User.Password()
	copying := exec.Command(filepath.Join(tools, "pg_basebackup"), "-D", p.data, "-R", "-X", "stream", "-c", "fast", "-N",
		"-h", at.Query().Get("host"), "-p", at.Query().Get("port"), "-U", at.User.Username())
	copying.Env = append(os.Environ(), "PGPASSWORD="+password)
	copying.SysProcAttr = p.owner
	said, err := copying.CombinedOutput()
	require.NoError(t, err, string(said))

	query := at.Query()
	query.Set("host", p.data)
	at.RawQuery = query.Encode()
	p.Replica = config.Secret(at.String())
	t.Cleanup(p.Kill)
	p.Start()
	return p
}

// give makes the replica's folder, and its processes, belong to whom the
// primary's do: as root, Postgres runs as somebody else.
func (p *Pair) give(primary string) {
	info, err := os.Stat(primary)
	require.NoError(p.t, err)
	whose := info.Sys().(*syscall.Stat_t)
	p.owner = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if int(whose.Uid) == os.Geteuid() {
		return
	}
	require.NoError(p.t, os.Chown(p.data, int(whose.Uid), int(whose.Gid)))
	p.owner.Credential = &syscall.Credential{Uid: whose.Uid, Gid: whose.Gid}
}

// Start starts the replica, and returns when it answers.
func (p *Pair) Start() {
	p.t.Helper()
	p.replica = exec.Command(p.program, "-D", p.data, "-c", "unix_socket_directories="+p.data, "-c", "listen_addresses=",
		"-c", "max_connections=200", "-c", "fsync=off") // a replica has as many as its primary
	p.replica.SysProcAttr = p.owner
	log, err := os.Create(p.data + ".log")
	require.NoError(p.t, err)
	defer log.Close()
	p.replica.Stderr = log
	require.NoError(p.t, p.replica.Start())
	for start := time.Now(); run(p.Replica, "SELECT 1") != nil; time.Sleep(50 * time.Millisecond) {
		if time.Since(start) > queryTimeout {
			said, _ := os.ReadFile(log.Name()) // what there is of it
			p.t.Fatalf("the replica does not start: %s", said)
		}
	}
}

// Kill ends the replica as a power failure would.
func (p *Pair) Kill() {
	if p.replica == nil {
		return
	}
	_ = syscall.Kill(-p.replica.Process.Pid, syscall.SIGKILL) // all of its processes
	_ = p.replica.Wait()                                      // says that it was killed
	p.replica = nil
}

// Pause keeps what the primary does from showing at the replica, until Resume.
func (p *Pair) Pause() {
	p.t.Helper()
	require.NoError(p.t, run(p.Replica, "SELECT pg_wal_replay_pause()"))
	require.Eventually(p.t, func() bool {
		return p.asked("SELECT pg_get_wal_replay_pause_state()") == "paused"
	}, queryTimeout, 10*time.Millisecond)
}

// Resume ends Pause.
func (p *Pair) Resume() {
	p.t.Helper()
	require.NoError(p.t, run(p.Replica, "SELECT pg_wal_replay_resume()"))
}

// Promote makes the replica a server of its own.
func (p *Pair) Promote() {
	p.t.Helper()
	require.NoError(p.t, run(p.Replica, "SELECT pg_promote()"))
}

func (p *Pair) asked(statement string) (answer string) {
	p.t.Helper()
	conn, err := pgx.Connect(p.t.Context(), p.Replica.Reveal())
	require.NoError(p.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	require.NoError(p.t, conn.QueryRow(p.t.Context(), statement).Scan(&answer))
	return answer
}
