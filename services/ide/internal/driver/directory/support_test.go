package directory

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// vscodeDir is where the tests look for VS Code; the environment may say otherwise.
func vscodeDir() string {
	if dir := os.Getenv("ATRIUM_VSCODE_DIR"); dir != "" {
		return dir
	}
	return "../../../../../.cache/vscode"
}

func needVSCode(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(vscodeDir(), "current")); err != nil {
		conformance.Required(t, "directory", "VS Code is not installed in "+vscodeDir()+"; run deploy/vscode/install.sh")
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("SKIPPED: own uids need root")
	}
}

func dataDir(t *testing.T) string { t.Helper(); return conformance.DataDir(t) }

func newDriver(t *testing.T, data string) *Driver {
	t.Helper()
	keeper, err := conformance.Keeper()
	require.NoError(t, err)
	d, err := New(Options{DataDir: data, VSCodeDir: vscodeDir(), Keeper: keeper, Grace: 2 * time.Second})
	require.NoError(t, err)
	return d
}

// person is a user with one prepared workspace, without an editor in it.
type person struct {
	driver *Driver
	owner  uuid.UUID
	record record
}

func newPerson(t *testing.T, d *Driver, limits driver.Limits) person {
	t.Helper()
	needVSCode(t)
	return personWith(t, d, driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()}, limits)
}

func personWith(t *testing.T, d *Driver, v driver.VolumeSpec, limits driver.Limits) person {
	t.Helper()
	p := person{driver: d, owner: v.Owner}
	_, err := d.Ensure(t.Context(), v)
	require.NoError(t, err)
	h, err := d.Prepare(t.Context(), driver.Spec{WorkspaceID: v.WorkspaceID, Owner: p.owner, Hostname: "test", Folder: "project", Limits: limits})
	require.NoError(t, err)
	p.record, err = decode(h.State)
	require.NoError(t, err)
	t.Cleanup(func() { p.end(t) })
	root, err := d.EnsureUser(p.owner, p.record.UID)
	require.NoError(t, err)
	defer root.Close()
	require.NoError(t, vscode.Prepare(root, p.record.WorkspaceID, p.record.UID, d.places(*d.found, p.record)))
	return p
}

func (p person) end(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, found, err := p.driver.saved(p.record.WorkspaceID)
	require.NoError(t, err)
	if !found {
		return
	}
	h, err := r.handle()
	require.NoError(t, err)
	require.NoError(t, p.driver.Stop(ctx, h))
	require.NoError(t, p.driver.Destroy(ctx, h))
}

// run runs a shell script in the person's sandbox, started exactly as an editor
// is, and gives what it printed once it has ended.
func (p person) run(t *testing.T, script string) string {
	t.Helper()
	p.start(t, script)
	require.Eventually(t, func() bool { r, _, _ := p.driver.saved(p.record.WorkspaceID); return !r.Process.alive() },
		30*time.Second, 10*time.Millisecond, "the script does not end")
	return p.printed(t)
}

func (p person) start(t *testing.T, script string) record {
	t.Helper()
	m := *p.driver.found
	places := p.driver.places(m, p.record)
	r, err := p.driver.launch(m, p.record, []string{"/bin/bash", "-c", script}, vscode.Environment(places, p.record.WorkspaceID))
	require.NoError(t, err)
	return r
}

func (p person) printed(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(p.driver.Log(p.record.WorkspaceID))
	require.NoError(t, err)
	return string(text)
}

// testBinary copies this test's own program to where every uid may run it.
func testBinary(t *testing.T, dir string) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	text, err := os.ReadFile(self)
	require.NoError(t, err)
	path := filepath.Join(dir, "directory.test")
	require.NoError(t, os.WriteFile(path, text, 0o755))
	return path
}

func output(cmd *exec.Cmd) string {
	text, err := cmd.CombinedOutput()
	if err != nil {
		return string(text) + err.Error()
	}
	return string(text)
}
