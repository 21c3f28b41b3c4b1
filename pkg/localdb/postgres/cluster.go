package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"atrium.internal/pkg/config"
)

const (
	clusterDir   = "data"     // the cluster, as initdb makes it
	unfinished   = "data.new" // a cluster that initdb is making
	passwordFile = "password" // of the superuser
)

// initialise chooses the binaries, reads the password and makes the cluster if
// there is none. A cluster appears under its name only when it is complete.
func (s *server) initialise(ctx context.Context) error {
	data := filepath.Join(s.home.Path, clusterDir)
	major, err := clusterMajor(data)
	if err != nil {
		return err
	}
	if s.binaries, err = choose(installed(s.Binaries), major, data); err != nil {
		return err
	}
	if s.password, err = s.readPassword(major == 0); err != nil || major != 0 {
		return err
	}
	s.Progress(fmt.Sprintf("making a private Postgres %d database", s.binaries.major))
	partial := filepath.Join(s.home.Path, unfinished)
	if err := os.RemoveAll(partial); err != nil { // left by a start that was killed
		return err
	}
	if err := s.initdb(ctx); err != nil {
		return errors.Join(err, os.RemoveAll(partial))
	}
	return os.Rename(partial, data)
}

func (s *server) initdb(ctx context.Context) error {
	args := []string{
		"--pgdata", s.home.Inside(unfinished),
		"--username", superuser,
		"--pwfile", s.home.Inside(passwordFile),
		"--auth", "scram-sha-256",
		"--encoding", "UTF8",
		"--locale", "C.UTF-8",
	}
	if s.Volatile {
		args = append(args, "--no-sync")
	}
	process, err := s.home.Spawn(s.home.Command(s.binaries.initdb(), args...))
	if err != nil {
		return fmt.Errorf("start %s: %w", s.binaries.initdb(), err)
	}
	if err := process.Wait(ctx); err != nil {
		return fmt.Errorf("initdb: %w (%s)", err, s.home.LastWords("error", "FATAL", "could not"))
	}
	return nil
}

// clusterMajor reads which major version made the cluster; 0 when there is none.
func clusterMajor(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(data); err == nil {
			return 0, fmt.Errorf("%s exists but is not a Postgres data directory: move it away", data)
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s/PG_VERSION is not a version: %q", data, text)
	}
	return major, nil
}

// readPassword gives the superuser's password, and makes it when there is no
// cluster yet that could know it.
func (s *server) readPassword(makeIt bool) (config.Secret, error) {
	path := filepath.Join(s.home.Path, passwordFile)
	text, err := os.ReadFile(path)
	if err == nil && len(text) > 0 {
		return config.Secret(strings.TrimSpace(string(text))), nil
	}
	if !makeIt {
		return "", fmt.Errorf("the password of the private Postgres is missing: restore %s", path)
	}
	password := rand.Text()
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", err
	}
	return config.Secret(password), s.home.Own(path)
}
