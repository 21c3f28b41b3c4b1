package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
)

// libpq are the parameters of an address that Postgres' own programs know.
var libpq = []string{"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "options", "target_session_attrs"}

// postgres runs Postgres' programs against one database. The password is in a
// file of a folder that is for us alone, never in arguments.
type postgres struct {
	connect *pgx.ConnConfig
	folder  string
}

func openPostgres(address config.Secret) (*postgres, error) {
	u, err := url.Parse(address.Reveal())
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return nil, errors.New("DATABASE_URL: backups want a postgres:// URL") // the cause may quote a password
	}
	connect, err := pgdb.ParseConn(address)
	if err != nil {
		return nil, err
	}
	settings := map[string]string{"host": u.Hostname(), "port": u.Port(), "dbname": strings.TrimPrefix(u.Path, "/"), "user": u.User.Username()}
	settings["password"], _ = u.User.Password()
	for _, name := range libpq {
		if value := u.Query().Get(name); value != "" {
			settings[name] = value
		}
	}
	var text strings.Builder
	text.WriteString("[atrium]\n")
	for name, value := range settings {
		if strings.ContainsAny(value, "\r\n") {
			return nil, errors.New("DATABASE_URL: has a line break in it")
		}
		if value != "" {
			fmt.Fprintf(&text, "%s=%s\n", name, value)
		}
	}
	folder, err := os.MkdirTemp("", "atrium-backup-")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(folder, "service"), []byte(text.String()), 0o600); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &postgres{connect: connect, folder: folder}, nil
}

func (p *postgres) close() error { return os.RemoveAll(p.folder) }

func (p *postgres) run(ctx context.Context, program string, args ...string) error {
	path, err := newest(program)
	if err != nil {
		return err
	}
	return run(ctx, []string{"PGSERVICEFILE=" + filepath.Join(p.folder, "service"), "PGSERVICE=atrium"}, path, args...)
}

// run runs a program; what it complains of is the error.
func run(ctx context.Context, env []string, path string, args ...string) error {
	var complaint bytes.Buffer
	command := exec.CommandContext(ctx, path, args...)
	command.Env, command.Stderr = append(command.Environ(), env...), &complaint
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(path), err, strings.TrimSpace(complaint.String()))
	}
	return nil
}

// newest finds the newest of Postgres' programs of a name: an older one does not
// read a newer server.
func newest(program string) (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + program) // the pattern is valid
	major := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 is the oldest
		return n
	}
	if len(found) > 0 {
		return slices.MaxFunc(found, func(a, b string) int { return major(a) - major(b) }), nil
	}
	path, err := exec.LookPath(program)
	if err != nil {
		return "", fmt.Errorf("%s is missing: install the package postgresql-client", program)
	}
	return path, nil
}

// dump writes the content and the users' wrapped keys as they are at one moment.
func (p *postgres) dump(ctx context.Context, dir string) (roles []string, err error) {
	conn, err := pgx.ConnectConfig(ctx, p.connect)
	if err != nil {
		return nil, fmt.Errorf("connect to Postgres: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	var snapshot string
	if err := tx.QueryRow(ctx, `SELECT pg_export_snapshot()`).Scan(&snapshot); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `SELECT rolname FROM pg_roles WHERE rolname LIKE 'atrium\_%' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	if roles, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return nil, err
	}
	common := []string{"--format=custom", "--no-password", "--no-owner", "--snapshot=" + snapshot}
	if err := p.run(ctx, "pg_dump", append(common, "--exclude-schema=*_keys", "--file="+filepath.Join(dir, contentFile))...); err != nil {
		return nil, err
	}
	return roles, p.run(ctx, "pg_dump", append(common, "--schema=*_keys", "--file="+filepath.Join(dir, wrappedFile))...)
}

// ours lists the platform's schemas in the database.
func (p *postgres) ours(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, `SELECT nspname FROM pg_namespace WHERE nspname ~ '^(auth|chat|ide|ai|audit)(_keys)?$' ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// restore puts both dumps into an empty database, or after force into one that
// is emptied.
func (p *postgres) restore(ctx context.Context, dir string, roles []string, force bool) error {
	conn, err := pgx.ConnectConfig(ctx, p.connect)
	if err != nil {
		return fmt.Errorf("connect to Postgres: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	there, err := p.ours(ctx, conn)
	if err != nil {
		return err
	}
	if len(there) > 0 && !force {
		return fmt.Errorf("%w: the database has the schemas %s", ErrNotEmpty, strings.Join(there, ", "))
	}
	for _, schema := range there {
		if _, err := conn.Exec(ctx, "DROP SCHEMA "+pgx.Identifier{schema}.Sanitize()+" CASCADE"); err != nil {
			return err
		}
	}
	for _, role := range roles {
		if !safeRole.MatchString(role) {
			return fmt.Errorf("%s: %q is no role of the platform", manifestFile, role)
		}
		if _, err := conn.Exec(ctx, pgdb.EnsureRole(role)); err != nil {
			return err
		}
	}
	for _, name := range []string{contentFile, wrappedFile} {
		if err := p.restoreOne(ctx, filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// restoreOne leaves out what is the next start's to set: the rights on tables
// that are yet to come, which name the user of the database as it was.
func (p *postgres) restoreOne(ctx context.Context, dump string) error {
	list := filepath.Join(p.folder, "list")
	if err := p.run(ctx, "pg_restore", "--list", "--file="+list, dump); err != nil {
		return err
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	var kept strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, " DEFAULT ACL ") {
			kept.WriteString(line)
		}
	}
	if err := os.WriteFile(list, []byte(kept.String()), 0o600); err != nil {
		return err
	}
	return p.run(ctx, "pg_restore", "--dbname=", "--no-password", "--no-owner", "--exit-on-error", "--single-transaction", "--use-list="+list, dump)
}
