package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/localdb/daemon"
)

const (
	superuser = "atrium"
	database  = "atrium"
	port      = "5432" // only names the socket's file
)

// Options say where the server lives.
type Options struct {
	// Dir is the server's private folder; it is made when missing.
	Dir string
	Log *slog.Logger
	// Progress, if set, is told what takes longer than a moment.
	Progress func(step string)
	// Binaries are more folders in which to look for a Postgres.
	Binaries []string
	// Volatile gives up durability for speed. It is meant for tests.
	Volatile bool
}

type server struct {
	Options
	home     *daemon.Home
	binaries binaries
	password config.Secret
	started  *daemon.Process // nil when the server was running already
}

// Start makes sure that the private server runs and answers, and returns the
// URL of its database. The server outlives the program unless stop is called.
// Start holds a lock, so that programs that start together share one server.
func Start(ctx context.Context, o Options) (config.Secret, func(context.Context) error, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	home, err := daemon.Open(o.Dir, "postgres", "nobody")
	if err != nil {
		return "", nil, fmt.Errorf("private Postgres: %w", err)
	}
	s := &server{Options: o, home: home}
	if err := s.start(ctx); err != nil {
		_ = home.Close()
		return "", nil, fmt.Errorf("private Postgres: %w", err)
	}
	return s.url(database), s.stop, nil
}

func (s *server) start(ctx context.Context) error {
	unlock, err := s.home.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.initialise(ctx); err != nil {
		return err
	}
	running, err := s.find(ctx)
	if err != nil {
		return err
	}
	if running {
		s.Log.Info("private postgres is running already", "folder", s.home.Path)
	} else if err := s.spawn(); err != nil {
		return err
	}
	return s.await(ctx)
}

// spawn starts the server with settings that a user's edits of
// postgresql.conf can't undo: it is reachable by our account's socket only.
func (s *server) spawn() error {
	args := []string{
		"-D", s.home.Inside(clusterDir),
		"-c", "listen_addresses=",
		"-c", "port=" + port,
		"-c", "unix_socket_directories=" + s.home.Sockets,
		"-c", "unix_socket_permissions=0700",
		"-c", "max_connections=200",
		"-c", "timezone=UTC",
		"-c", "log_timezone=UTC",
	}
	if s.Volatile {
		args = append(args, "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	s.Progress("starting the private Postgres")
	started, err := s.home.Spawn(s.home.Command(s.binaries.postgres(), args...))
	if err != nil {
		return fmt.Errorf("start %s: %w", s.binaries.postgres(), err)
	}
	s.started = started
	return nil
}

// url names a database of the server.
func (s *server) url(name string) config.Secret {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(superuser, s.password.Reveal()),
		Path:     "/" + name,
		RawQuery: url.Values{"host": {s.home.Sockets}, "port": {port}}.Encode(),
	}
	return config.Secret(u.String())
}
