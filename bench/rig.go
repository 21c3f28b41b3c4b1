package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/localdb/postgres"
	"atrium.internal/pkg/localdb/redis"
	"atrium.internal/pkg/testkit/mounts"
)

// rig is what every comparison stands on: databases, and a running platform.
type rig struct {
	// out is where figures are written.
	out        io.Writer
	rounds     int
	duration   time.Duration
	streams    int
	bin, peers string
	// vscode is the folder of VS Code's current version.
	vscode string
	// warm is how many workspaces the platform keeps ready from its next start on,
	// and isolation their class; "" is that of the platform's own choice.
	warm      int
	isolation string

	dir      string
	database string
	cache    string
	platform *program
	far      *far
	ways     []path
	ends     []func()
}

// password is that of everybody in the rig; it guards nothing.
const password = "a long enough passphrase"

func (r *rig) start(ctx context.Context) error {
	dir, err := os.MkdirTemp("/tmp", "atrium-bench-")
	if err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // the databases run under another account
		return err
	}
	r.dir = dir
	r.ends = append(r.ends, func() { mounts.EndBelow(dir); _ = os.RemoveAll(dir) }) // a temporary folder
	database, stop, err := postgres.Start(ctx, postgres.Options{Dir: filepath.Join(dir, "postgres")})
	if err != nil {
		return err
	}
	r.database = database.Reveal()
	r.ends = append(r.ends, func() { _ = stop(context.Background()) })
	cache, stop, err := redis.Start(ctx, redis.Options{Dir: filepath.Join(dir, "redis")})
	if err != nil {
		return err
	}
	r.cache = cache.Reveal()
	r.ends = append(r.ends, func() { _ = stop(context.Background()) })
	r.far = newFar()
	r.ends = append(r.ends, r.far.Close)
	r.platform, err = r.startPlatform(ctx)
	return err
}

// unbound gives every plan more tokens and processors than anybody can use: a bound
// is held, and never reached.
func (r *rig) unbound(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, r.database)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, "UPDATE auth.plans SET ai_tokens_monthly = 1000000000000, cpu_millis = 64000")
	return err
}

func (r *rig) stop() {
	for i := len(r.ends) - 1; i >= 0; i-- {
		r.ends[i]()
	}
}

// newDatabase makes another empty database on the rig's server.
func (r *rig) newDatabase(ctx context.Context, name string) (string, error) {
	conn, err := pgx.Connect(ctx, r.database)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		return "", err
	}
	u, err := url.Parse(r.database)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

// program is a running server.
type program struct {
	pid  int
	base string
	// host is the Host that requests are made with.
	host string
	end  func()
}

// restart starts the platform anew, with the memory of one that has done nothing.
func (r *rig) restart(ctx context.Context) (err error) {
	r.platform.end()
	r.platform, err = r.startPlatform(ctx)
	return err
}

// startPlatform runs Atrium in one process, with limits that nobody reaches.
func (r *rig) startPlatform(ctx context.Context) (*program, error) {
	port := freePort()
	p := &program{base: fmt.Sprintf("http://127.0.0.1:%d", port), host: fmt.Sprintf("atrium.localhost:%d", port)}
	var class []string
	if r.isolation != "" {
		class = []string{"ATRIUM_ISOLATION=" + r.isolation}
	}
	err := r.launch(ctx, p, filepath.Join(r.bin, "atrium"), []string{"all"}, "/readyz", append(class,
		fmt.Sprintf("ATRIUM_LISTEN=127.0.0.1:%d", port), "ATRIUM_PUBLIC_URL=http://"+p.host, "ATRIUM_IDE_DOMAIN=ide."+p.host,
		"ATRIUM_DATA_DIR="+filepath.Join(r.dir, "data"), "DATABASE_URL="+r.database, "REDIS_URL="+r.cache,
		"ATRIUM_METRICS_LISTEN=127.0.0.1:0", "ATRIUM_ADMIN_PASSWORD="+password, "ATRIUM_LOG_LEVEL=warn",
		"ATRIUM_AI_OPENAI_BASE_URL="+r.far.URL+"/v1", "ATRIUM_AI_OPENAI_MODELS=far=1/2",
		"ATRIUM_REQUESTS_USER=0", "ATRIUM_STREAMS_USER=0", "ATRIUM_REQUESTS=100000", "ATRIUM_REQUESTS_ADDRESS=100000",
		"ATRIUM_CONNECTIONS=100000", "ATRIUM_CONNECTIONS_ADDRESS=100000", fmt.Sprintf("ATRIUM_WARM_WORKSPACES=%d", r.warm),
		"ATRIUM_RATE_LIMIT_AI=100000000", "ATRIUM_RATE_LIMIT_API=100000000", "ATRIUM_RATE_LIMIT_SIGN_IN=100000000",
		"ATRIUM_SIGN_IN_FAILURES=0", "ATRIUM_SIGN_IN_FAILURES_ADDRESS=0")...)
	return p, err
}

// launch starts a server, ends it with the rig, and waits until it is ready.
func (r *rig) launch(ctx context.Context, p *program, path string, args []string, ready string, env ...string) error {
	log, err := os.CreateTemp(r.dir, filepath.Base(path)+"-*.log")
	if err != nil {
		return err
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(cmd.Environ(), env...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	p.pid = cmd.Process.Pid
	p.end = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
		_ = cmd.Wait()
		_ = log.Close()
	})
	r.ends = append(r.ends, p.end)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+ready, nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
	said, _ := os.ReadFile(log.Name())
	return errors.New(filepath.Base(path) + " did not become ready: " + string(said[max(0, len(said)-2000):]))
}

func freePort() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // a machine without loopback can't run any of this
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
