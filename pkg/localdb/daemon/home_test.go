package daemon_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/localdb/daemon"
	"atrium.internal/pkg/testkit/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

func open(t *testing.T, path string) *daemon.Home {
	t.Helper()
	h, err := daemon.Open(path, "nobody")
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = h.Close()
		_ = os.RemoveAll(h.Sockets)
	})
	return h
}

func TestSocketPathsStayShort(t *testing.T) {
	t.Parallel()
	deep := filepath.Join(t.TempDir(), strings.Repeat("deep/", 40), "postgres")
	h := open(t, deep)
	require.Less(t, len(filepath.Join(h.Sockets, ".s.PGSQL.5432")), 107)
	require.Equal(t, h.Sockets, open(t, deep).Sockets, "the next program finds it")
}

func TestFoldersArePrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postgres")
	require.NoError(t, os.Mkdir(path, 0o755))
	h := open(t, path)
	unlock, err := h.Lock(t.Context())
	require.NoError(t, err)
	defer unlock()
	for _, folder := range []string{h.Path, h.Sockets} {
		info, err := os.Stat(folder)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o700), info.Mode().Perm(), folder)
	}
}

func TestPlantedSocketFolderIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postgres")
	h := open(t, path)
	require.NoError(t, os.Symlink(t.TempDir(), h.Sockets))
	_, err := h.Lock(t.Context())
	require.ErrorContains(t, err, "is not a folder")
	require.NoError(t, os.Remove(h.Sockets))

	if os.Geteuid() != 0 {
		return
	}
	require.NoError(t, os.Mkdir(h.Sockets, 0o700))
	require.NoError(t, os.Chown(h.Sockets, 12345, 12345))
	_, err = h.Lock(t.Context())
	require.ErrorContains(t, err, "belongs to uid 12345")
}

func TestLockHoldsUntilReleased(t *testing.T) {
	t.Parallel()
	h := open(t, filepath.Join(t.TempDir(), "postgres"))
	unlock, err := h.Lock(t.Context())
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Millisecond)
	defer cancel()
	_, err = h.Lock(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	unlock()
	unlock, err = h.Lock(t.Context())
	require.NoError(t, err)
	unlock()
}

func TestCommandInheritsNoSecrets(t *testing.T) {
	t.Setenv("ANTHROPIC_API_KEY", "canary")
	h := open(t, filepath.Join(t.TempDir(), "postgres"))
	out, err := h.Command("/usr/bin/env").Output()
	require.NoError(t, err)
	require.NotContains(t, string(out), "canary")
}

func TestProcessIsFoundByItsFolder(t *testing.T) {
	t.Parallel()
	h := open(t, filepath.Join(t.TempDir(), "postgres"))
	cmd := h.Command("/bin/sleep", "60")
	cmd.Dir, cmd.SysProcAttr.Credential = h.Path, nil
	p, err := h.Spawn(cmd)
	require.NoError(t, err)
	require.NoError(t, daemon.Poll(t.Context(), func() (bool, error) {
		pids, err := h.Running("")
		return len(pids) == 1 && pids[0] == p.PID, err
	}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, p.Wait(ctx), context.Canceled, "a canceled wait kills the process")
	require.NoError(t, h.AwaitNone(t.Context(), ""))
}
