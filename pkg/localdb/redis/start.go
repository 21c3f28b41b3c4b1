package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	client "github.com/redis/go-redis/v9"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/localdb/daemon"
)

// workDir is the folder that the server works in, by which it is found.
const workDir = "data"

// answerTimeout bounds one question to the server.
const answerTimeout = 2 * time.Second

// Options say where the server lives.
type Options struct {
	// Dir is the server's private folder; it is made when missing.
	Dir string
	Log *slog.Logger
	// Progress, if set, is told what takes longer than a moment.
	Progress func(step string)
	// Mini is the command that runs ServeMini; the socket's path is added to
	// it. Empty means this executable with the argument "redis".
	Mini []string
	// NoServer takes the stand-in even when redis-server is installed.
	NoServer bool
}

type server struct {
	Options
	home    *daemon.Home
	started *daemon.Process // nil when the server was running already
}

// Start makes sure that the private server runs and answers, and returns its
// URL. The server outlives the program unless stop is called. Start holds a
// lock, so that programs that start together share one server.
func Start(ctx context.Context, o Options) (config.Secret, func(context.Context) error, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	home, err := daemon.Open(o.Dir, "redis", "nobody")
	if err != nil {
		return "", nil, fmt.Errorf("private Redis: %w", err)
	}
	s := &server{Options: o, home: home}
	if err := s.start(ctx); err != nil {
		_ = home.Close()
		return "", nil, fmt.Errorf("private Redis: %w", err)
	}
	u := url.URL{Scheme: "unix", Path: s.socket()}
	return config.Secret(u.String()), s.stop, nil
}

func (s *server) start(ctx context.Context) error {
	unlock, err := s.home.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	work := filepath.Join(s.home.Path, workDir)
	if err := os.MkdirAll(work, 0o700); err != nil {
		return err
	}
	if err := s.home.Own(work); err != nil {
		return err
	}
	running, err := s.find(ctx)
	if err != nil {
		return err
	}
	if running {
		s.Log.Info("private redis is running already", "folder", s.home.Path)
	} else if err := s.spawn(); err != nil {
		return err
	}
	return s.await(ctx)
}

// find reports whether the server runs already. One whose socket was cleaned
// out of the temporary folder is stopped, to be started again.
func (s *server) find(ctx context.Context) (bool, error) {
	pids, err := s.home.Running(workDir)
	if err != nil || len(pids) == 0 {
		return false, err
	}
	if _, err := os.Stat(s.socket()); err == nil {
		return true, nil
	}
	s.signal(syscall.SIGTERM)
	return false, s.home.AwaitNone(ctx, workDir)
}

func (s *server) spawn() error {
	if err := os.Remove(s.socket()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	cmd, err := s.command()
	if err != nil {
		return err
	}
	s.Progress("starting the private Redis")
	s.started, err = s.home.Spawn(cmd)
	if err != nil {
		return fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	return nil
}

// command prepares redis-server, or the stand-in. Both work in workDir.
func (s *server) command() (*exec.Cmd, error) {
	if path, err := exec.LookPath("redis-server"); err == nil && !s.NoServer {
		return s.home.Command(path,
			"--port", "0",
			"--unixsocket", s.socket(),
			"--unixsocketperm", "700",
			"--dir", s.home.Inside(workDir),
			"--save", "",
			"--appendonly", "yes",
			"--appendfsync", "everysec",
		), nil
	}
	mini := s.Mini
	if len(mini) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		mini = []string{self, "redis"}
	}
	s.Log.Warn("redis-server is not installed: using a small in-memory stand-in, which forgets everything when it ends")
	cmd := s.home.Command(mini[0], append(mini[1:len(mini):len(mini)], s.socket())...)
	// Our own executable may be out of another account's reach, and the
	// stand-in, unlike a database server, may run as whoever we are.
	cmd.SysProcAttr.Credential = nil
	cmd.Dir = filepath.Join(s.home.Path, workDir)
	return cmd, nil
}

func (s *server) socket() string { return filepath.Join(s.home.Sockets, "redis.sock") }

// await waits until the server answers and has read its files.
func (s *server) await(ctx context.Context) error {
	conn := client.NewClient(&client.Options{Network: "unix", Addr: s.socket(), MaxRetries: -1, DialerRetries: 1})
	defer func() { _ = conn.Close() }()
	return daemon.Poll(ctx, func() (bool, error) {
		ctx, cancel := context.WithTimeout(ctx, answerTimeout)
		defer cancel()
		_, err := os.Stat(s.socket())
		if err == nil { // before that the client would only complain
			err = conn.Ping(ctx).Err()
		}
		if err != nil && s.started != nil && s.started.Exited() {
			return false, fmt.Errorf("the server ended at once: %s", s.home.LastWords("Fatal", "error", "Bad", "can't", "denied"))
		}
		// Any other answer is that it is reading its files.
		return err == nil, nil
	})
}

func (s *server) signal(sig syscall.Signal) {
	pids, err := s.home.Running(workDir)
	if err != nil {
		return
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, sig) // it may have ended in between
	}
}

// stop ends the server, which writes what it has first.
func (s *server) stop(ctx context.Context) error {
	unlock, err := s.home.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	defer func() { _ = s.home.Close() }()
	s.signal(syscall.SIGTERM)
	if err := s.home.AwaitNone(ctx, workDir); err != nil {
		s.signal(syscall.SIGKILL)
		return fmt.Errorf("private Redis was stopped the hard way: %w", err)
	}
	return s.home.RemoveSockets()
}
