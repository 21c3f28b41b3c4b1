package conformance

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
)

// Subject is a driver under test.
type Subject struct {
	Driver  driver.Driver
	Volumes driver.Volumes
	// Again makes a second driver over the same state, as a restarted program would.
	Again func(t *testing.T) driver.Driver
	// Script runs a shell script in a sandbox over a volume, in place of an
	// editor, and gives what it printed. Its project is /workspaces/project.
	Script func(t *testing.T, v driver.VolumeSpec, script string) string
	// Begin starts a script likewise, whose socket is Dial's, until end is called.
	Begin func(t *testing.T, v driver.VolumeSpec, l driver.Limits, script string) (h driver.Handle, end func())
	// Claimed may be nil. It looks at what only this driver promises of a sandbox
	// that was made ahead and has its user, with folders "folder" and "~" that the
	// user has written to.
	Claimed func(t *testing.T, h driver.Handle, v driver.Volume)
}

// Required fails the test when ATRIUM_REQUIRE_DRIVERS names the driver, and
// skips it otherwise, with the reason why the driver can't be tested.
func Required(t *testing.T, name, reason string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv("ATRIUM_REQUIRE_DRIVERS"), ","), name) {
		t.Fatalf("driver %s is required but can't be tested: %s", name, reason)
	}
	t.Skipf("driver %s is not tested: %s", name, reason)
}

// BuiltKeeper is where the environment names a keeper that is built already.
const BuiltKeeper = "ATRIUM_TEST_KEEPER"

// Keeper builds the program workspace-keeper as set-ups do.
var Keeper = sync.OnceValues(func() (string, error) {
	if built := os.Getenv(BuiltKeeper); built != "" {
		return built, nil
	}
	path, err := filepath.Abs("../../../../../.cache/test/workspace-keeper")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", path, "atrium.internal/services/ide/cmd/workspace-keeper")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the keeper: %w: %s", err, text)
	}
	return path, nil
})

// Run holds the subject to the contract.
func Run(t *testing.T, s Subject) {
	caps, err := s.Driver.Probe(t.Context())
	if err != nil {
		Required(t, s.Driver.Name(), err.Error())
	}
	t.Logf("%s: %s; weaker: %s", s.Driver.Name(), caps.Summary, strings.Join(caps.Weaker, "; "))

	t.Run("life", func(t *testing.T) { life(t, s) })
	t.Run("readopt", func(t *testing.T) { readopt(t, s) })
	t.Run("terminals", func(t *testing.T) { terminals(t, s) })
	t.Run("programs", func(t *testing.T) { programs(t, s) })
	t.Run("files survive", func(t *testing.T) { filesSurvive(t, s) })
	t.Run("files from outside", func(t *testing.T) { worksFiles(t, s) })
	t.Run("idempotent ends", func(t *testing.T) { idempotentEnds(t, s) })
	t.Run("volumes", func(t *testing.T) { volumes(t, s) })
	t.Run("storage limit holds", func(t *testing.T) { storageLimit(t, s) })
	t.Run("out of memory", func(t *testing.T) { outOfMemory(t, s, caps) })
	t.Run("made ahead", func(t *testing.T) { warm(t, s) })
	t.Run("neighbours", func(t *testing.T) { neighbour(t, s) })
}

// Start brings a workspace up with the given seed and waits for its editor.
func Start(t *testing.T, s Subject, owner, workspace uuid.UUID, seed fstest.MapFS) driver.Handle {
	t.Helper()
	ctx, began := t.Context(), time.Now()
	v, err := s.Volumes.Ensure(ctx, driver.VolumeSpec{WorkspaceID: workspace, Owner: owner, Seed: seed})
	require.NoError(t, err)
	h, err := s.Driver.Prepare(ctx, driver.Spec{
		WorkspaceID: workspace, Owner: owner, Hostname: "conformance", Folder: "project",
		Limits: driver.Limits{CPUMillis: 2000, MemoryBytes: 2 << 30, Processes: 512},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_ = s.Driver.Stop(ctx, h)
		_ = s.Driver.Destroy(ctx, h)
	})
	h, err = s.Driver.Attach(ctx, h, v)
	require.NoError(t, err)
	require.True(t, h.Running)
	awaitEditor(t, s.Driver, h)
	t.Logf("from nothing to an editor that answers: %s", time.Since(began).Round(time.Millisecond))
	return h
}

// awaitEditor asks for the editor's health until it answers.
func awaitEditor(t *testing.T, d driver.Driver, h driver.Handle) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return d.Dial(ctx, h) },
	}, Timeout: 5 * time.Second}
	var last error
	require.Eventuallyf(t, func() bool {
		response, err := client.Get("http://workspace/healthz")
		if last = err; err != nil {
			return false
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		return response.StatusCode == http.StatusOK
	}, 60*time.Second, 50*time.Millisecond, "the editor does not answer")
	require.NoError(t, last)
}

func life(t *testing.T, s Subject) {
	ctx := t.Context()
	h := Start(t, s, uuid.New(), uuid.New(), nil)
	require.NotEmpty(t, h.ID)
	require.NotEmpty(t, h.Folder)

	stats, err := s.Driver.Stats(ctx, h)
	require.NoError(t, err)
	require.Positive(t, stats.MemoryBytes)
	require.Positive(t, stats.CPUTime)

	logs, err := s.Driver.Logs(ctx, h, 100)
	require.NoError(t, err)
	require.NotEmpty(t, logs)

	require.NoError(t, s.Driver.Stop(ctx, h))
	_, err = s.Driver.Dial(ctx, h)
	require.ErrorIs(t, err, driver.ErrNotRunning)
	_, err = s.Driver.Stats(ctx, h)
	require.ErrorIs(t, err, driver.ErrNotRunning)
	require.NoError(t, s.Driver.Destroy(ctx, h))
	require.NotContains(t, ids(t, s.Driver), h.WorkspaceID)
}

func readopt(t *testing.T, s Subject) {
	h := Start(t, s, uuid.New(), uuid.New(), nil)
	again := s.Again(t)
	list, err := again.List(t.Context())
	require.NoError(t, err)
	i := slices.IndexFunc(list, func(x driver.Handle) bool { return x.WorkspaceID == h.WorkspaceID })
	require.GreaterOrEqual(t, i, 0, "a restarted program must find the sandbox")
	require.True(t, list[i].Running)
	require.Equal(t, h.ID, list[i].ID)
	awaitEditor(t, again, list[i])
	require.NoError(t, again.Stop(t.Context(), list[i]))
	require.NoError(t, again.Destroy(t.Context(), list[i]))
}

func filesSurvive(t *testing.T, s Subject) {
	owner, workspace := uuid.New(), uuid.New()
	seed := fstest.MapFS{"src/main.txt": {Data: []byte("kept"), Mode: 0o644}}
	h := Start(t, s, owner, workspace, seed)
	v := driver.Volume{WorkspaceID: workspace, Owner: owner}
	before, err := s.Volumes.Usage(t.Context(), v)
	require.NoError(t, err)
	require.Positive(t, before)
	require.NoError(t, s.Driver.Stop(t.Context(), h))
	require.NoError(t, s.Driver.Destroy(t.Context(), h))

	Start(t, s, owner, workspace, fstest.MapFS{"src/main.txt": {Data: []byte("must not overwrite what is there")}})
	after, err := s.Volumes.Usage(t.Context(), v)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

func idempotentEnds(t *testing.T, s Subject) {
	ctx := t.Context()
	h := Start(t, s, uuid.New(), uuid.New(), nil)
	for range 2 {
		require.NoError(t, s.Driver.Stop(ctx, h))
	}
	for range 2 {
		require.NoError(t, s.Driver.Destroy(ctx, h))
	}
}

func volumes(t *testing.T, s Subject) {
	ctx := t.Context()
	spec := driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()}
	v, err := s.Volumes.Ensure(ctx, spec)
	require.NoError(t, err)
	_, err = s.Volumes.Ensure(ctx, spec)
	require.NoError(t, err, "a volume that is there is left as it is")
	for range 2 {
		require.NoError(t, s.Volumes.Delete(ctx, v))
	}
	for range 2 {
		require.NoError(t, s.Volumes.DeleteUser(ctx, v.Owner))
	}
}

func ids(t *testing.T, d driver.Driver) []uuid.UUID {
	t.Helper()
	list, err := d.List(t.Context())
	require.NoError(t, err)
	var found []uuid.UUID
	for _, h := range list {
		found = append(found, h.WorkspaceID)
	}
	return found
}
