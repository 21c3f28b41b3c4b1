package ide_test

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
)

// TestWorkspacesOutliveTheService stops the service under a running workspace;
// the next one serves it on, with its files and the same process.
func TestWorkspacesOutliveTheService(t *testing.T) {
	p := newPlatform(t)
	ctx, caller := p.user(t)
	w := p.create(t, ctx, "one")
	_, err := p.workspaces.StartWorkspace(ctx, &idev1.StartWorkspaceRequest{Id: w.GetId()})
	require.NoError(t, err)
	before := p.await(t, ctx, w.GetId(), "running")
	file := filepath.Join(p.config.DataDir, "users", caller.UserID.String(), "workspaces", w.GetId(), "main.py")
	require.FileExists(t, file)

	p.stop()
	p.start(t)
	after := p.await(t, ctx, w.GetId(), "running")
	require.Equal(t, before.GetContainerId(), after.GetContainerId())
	require.Contains(t, p.get(t, w.GetId(), "/?folder="+url.QueryEscape(after.GetPath())), "workbench")

	_, err = p.workspaces.RestartWorkspace(ctx, &idev1.RestartWorkspaceRequest{Id: w.GetId()})
	require.NoError(t, err)
	require.NotEqual(t, before.GetContainerId(), p.await(t, ctx, w.GetId(), "running").GetContainerId())
	require.FileExists(t, file)

	_, err = p.workspaces.DeleteWorkspace(ctx, &idev1.DeleteWorkspaceRequest{Id: w.GetId()})
	require.NoError(t, err)
	require.Eventually(t, func() bool { _, err := os.Stat(file); return os.IsNotExist(err) }, limit, tick)
}
