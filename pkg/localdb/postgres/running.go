package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"atrium.internal/pkg/localdb/daemon"
)

// connectTimeout bounds one attempt to reach the server.
const connectTimeout = 5 * time.Second

// find reports whether the server runs already. One whose socket was cleaned
// out of the temporary folder is stopped, to be started again. When only children of a killed
// server are left it waits for them to end, because the next server can't have
// their memory, and then removes the pid file: it may name a process that has
// nothing to do with Postgres.
func (s *server) find(ctx context.Context) (running bool, err error) {
	path := filepath.Join(s.home.Path, clusterDir, "postmaster.pid")
	err = daemon.Poll(ctx, func() (bool, error) {
		pids, err := s.home.Running(clusterDir)
		if err != nil || len(pids) == 0 {
			return true, err
		}
		pid, state := readPidFile(path)
		if !slices.Contains(pids, pid) || state == "stopping" {
			return false, nil
		}
		if state == "ready" && !s.reachable() {
			_ = syscall.Kill(pid, syscall.SIGINT) // it may end by itself
			return false, nil
		}
		running = true
		return true, nil
	})
	if err != nil || running {
		return running, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return false, nil
}

func (s *server) reachable() bool {
	_, err := os.Stat(filepath.Join(s.home.Sockets, ".s.PGSQL."+port))
	return err == nil
}

// readPidFile gives the server's process and state; 0 when there is no server.
func readPidFile(path string) (pid int, state string) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, ""
	}
	lines := strings.Split(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return 0, ""
	}
	if len(lines) > 7 {
		state = strings.TrimSpace(lines[7])
	}
	return pid, state
}

// await waits until the server answers and has our database. After a crash
// that includes the time it takes to recover.
func (s *server) await(ctx context.Context) error {
	return daemon.Poll(ctx, func() (bool, error) {
		err := s.makeDatabase(ctx)
		var answered *pgconn.PgError
		switch {
		case err == nil:
			return true, nil
		case errors.As(err, &answered) && !startingUp(answered):
			return false, err
		case s.started != nil && s.started.Exited():
			return false, fmt.Errorf("the server ended at once: %s", s.home.LastWords("FATAL", "PANIC", "could not"))
		}
		return false, nil
	})
}

// startingUp tells answers that pass by themselves: cannot_connect_now and
// too_many_connections.
func startingUp(err *pgconn.PgError) bool { return err.Code == "57P03" || err.Code == "53300" }

func (s *server) makeDatabase(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url("postgres").Reveal())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, database).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize())
	return err
}

// stop asks the server to end, which closes its connections, and waits for it.
// When ctx ends first the server is told to end at once; it then recovers from
// its log at the next start, and nothing acknowledged is lost.
func (s *server) stop(ctx context.Context) error {
	unlock, err := s.home.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	defer func() { _ = s.home.Close() }()
	signal := func(sig syscall.Signal) {
		pids, err := s.home.Running(clusterDir)
		if pid, _ := readPidFile(filepath.Join(s.home.Path, clusterDir, "postmaster.pid")); err == nil && slices.Contains(pids, pid) {
			_ = syscall.Kill(pid, sig) // it may end in between
		}
	}
	signal(syscall.SIGINT)
	if err := s.home.AwaitNone(ctx, clusterDir); err != nil {
		signal(syscall.SIGQUIT)
		return fmt.Errorf("private Postgres was stopped the hard way: %w", err)
	}
	return s.home.RemoveSockets()
}
