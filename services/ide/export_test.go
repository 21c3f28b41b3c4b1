package ide_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
)

// export gives the files of an export by name, with each workspace's folder
// called by the workspace's slug alone.
func (p *platform) export(t *testing.T, ctx context.Context) map[string]string {
	t.Helper()
	stream, err := p.workspaces.ExportAccount(ctx, &idev1.ExportAccountRequest{})
	require.NoError(t, err)
	files, name := map[string]string{}, ""
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return files
		}
		require.NoError(t, err)
		require.LessOrEqual(t, len(chunk.GetData()), 64<<10)
		if chunk.GetPath() != "" {
			name = chunk.GetPath()
		}
		files[name] += string(chunk.GetData())
	}
}

// folderIn is where a user's workspace lies on this machine.
func (p *platform) folderIn(user, workspace string) string {
	return filepath.Join(p.config.DataDir, "users", user, "workspaces", workspace)
}

func TestAnExportHasTheWorkspacesAndTheirFiles(t *testing.T) {
	p := newPlatform(t)
	ctx, caller := p.user(t)
	others, _ := p.user(t)
	p.create(t, others, "canary of eve")
	w := p.create(t, ctx, "My Project Ü")
	_, err := p.workspaces.StartWorkspace(ctx, &idev1.StartWorkspaceRequest{Id: w.GetId()})
	require.NoError(t, err)
	p.await(t, ctx, w.GetId(), "running")
	folder := p.folderIn(caller.UserID.String(), w.GetId())
	owner, err := os.Stat(folder)
	require.NoError(t, err)
	long := strings.Repeat("0123456789abcdef", 20_000)
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644))
		chownLike(t, filepath.Join(folder, name), owner)
	}
	write("long.txt", long)
	write("caf\xe9\\x", "odd name")
	require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(folder, "link")))
	huge, err := os.Create(filepath.Join(folder, "sparse"))
	require.NoError(t, err)
	require.NoError(t, huge.Truncate(1<<40))
	require.NoError(t, huge.Close())
	chownLike(t, filepath.Join(folder, "sparse"), owner)

	check := func(files map[string]string) {
		t.Helper()
		at := "workspaces/my-project-" + w.GetId()[28:] + "/"
		require.Equal(t, long, files[at+"files/long.txt"])
		require.Equal(t, "odd name", files[at+"files/caf%E9%5Cx"])
		require.NotContains(t, files, at+"files/link")
		require.NotContains(t, files, at+"files/sparse", "a file larger than the plan's storage")
		var remarks struct{ Links, Skipped []map[string]string }
		require.NoError(t, json.Unmarshal([]byte(files[at+"links-and-skipped.json"]), &remarks))
		require.Equal(t, []map[string]string{{"name": "link", "target": "/etc/passwd"}}, remarks.Links)
		require.Len(t, remarks.Skipped, 1)
		require.Equal(t, "sparse", remarks.Skipped[0]["name"])
		var rows []struct {
			ID, Name string
			Events   []any
		}
		require.NoError(t, json.Unmarshal([]byte(files["workspaces.json"]), &rows))
		require.Len(t, rows, 1)
		require.Equal(t, "My Project Ü", rows[0].Name)
		require.NotEmpty(t, rows[0].Events)
		require.Contains(t, files["workspaces-uptime.json"], w.GetId())
		for name, text := range files {
			require.NotContains(t, name+text, "canary of eve")
		}
	}
	check(p.export(t, ctx))
	_, err = p.workspaces.StopWorkspace(ctx, &idev1.StopWorkspaceRequest{Id: w.GetId()})
	require.NoError(t, err)
	p.await(t, ctx, w.GetId(), "stopped")
	check(p.export(t, ctx))
}

func chownLike(t *testing.T, path string, like os.FileInfo) {
	t.Helper()
	stat, ok := like.Sys().(*syscall.Stat_t)
	require.True(t, ok)
	require.NoError(t, os.Lchown(path, int(stat.Uid), int(stat.Gid)))
}
