package ide_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"atrium.internal/pkg/principal"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
)

// window is the extension in one window of a workspace's VS Code.
func (p *platform) window(t *testing.T, ctx context.Context, id string) grpc.ServerStreamingClient[idev1.WindowRequest] {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	t.Cleanup(cancel)
	stream, err := p.windows.WatchWindowRequests(ctx, &idev1.ListWindowRequestsRequest{WorkspaceId: id})
	require.NoError(t, err)
	return stream
}

func TestOneOfAllWindowsShowsAFile(t *testing.T) {
	p := newPlatform(t)
	ctx, caller := p.user(t)
	w := p.create(t, ctx, "one")
	p.pretendRunning(t, w)
	own := caller
	own.Scopes = []string{"ai", principal.WithinWorkspace("ide", uuid.MustParse(w.GetId()))}
	inside := p.as(t, own)
	here, there := p.window(t, inside, w.GetId()), p.window(t, inside, w.GetId())

	shown := make(chan *idev1.ShowFileResponse, 1)
	go func() {
		answer, err := p.windows.ShowFile(ctx, &idev1.ShowFileRequest{WorkspaceId: w.GetId(), Path: "src/main.py", Line: 7})
		if err != nil {
			t.Error(err)
		}
		shown <- answer
	}()
	request, err := here.Recv()
	require.NoError(t, err)
	require.Equal(t, "src/main.py", request.GetPath())
	require.EqualValues(t, 7, request.GetLine())
	require.EqualValues(t, 1, request.GetColumn())
	same, err := there.Recv()
	require.NoError(t, err)
	require.Equal(t, request.GetId(), same.GetId())

	taking := &idev1.TakeWindowRequestRequest{WorkspaceId: w.GetId(), Id: request.GetId()}
	_, err = p.windows.TakeWindowRequest(inside, taking)
	require.NoError(t, err)
	_, err = p.windows.TakeWindowRequest(inside, taking)
	requireReason(t, err, "WINDOW_REQUEST_NOT_FOUND")
	require.True(t, (<-shown).GetShown())
	list, err := p.windows.ListWindowRequests(inside, &idev1.ListWindowRequestsRequest{WorkspaceId: w.GetId()})
	require.NoError(t, err)
	require.Empty(t, list.GetRequests())
}

func TestAFileWithoutAWindowIsNotShown(t *testing.T) {
	p := newPlatform(t)
	ctx, caller := p.user(t)
	w, other := p.create(t, ctx, "one"), p.create(t, ctx, "other")
	ask := &idev1.ShowFileRequest{WorkspaceId: w.GetId(), Path: "a.py"}
	show := func() bool {
		answer, err := p.windows.ShowFile(ctx, ask)
		require.NoError(t, err)
		return answer.GetShown()
	}
	require.False(t, show(), "it is stopped")
	p.pretendRunning(t, w)
	require.False(t, show(), "nobody listens")
	late := p.window(t, ctx, w.GetId())
	go func() { _, _ = p.windows.ShowFile(ctx, &idev1.ShowFileRequest{WorkspaceId: w.GetId(), Path: "b.py"}) }()
	request, err := late.Recv()
	require.NoError(t, err)
	require.Equal(t, "b.py", request.GetPath(), "what is over is not shown later")

	_, err = p.windows.ShowFile(ctx, &idev1.ShowFileRequest{WorkspaceId: w.GetId(), Path: "../other/a.py"})
	requireReason(t, err, "INVALID_ARGUMENT")

	limited := caller
	limited.Scopes = []string{principal.WithinWorkspace("ide", uuid.MustParse(other.GetId()))}
	stranger, _ := p.user(t)
	for name, as := range map[string]context.Context{"another workspace's token": p.as(t, limited), "another user": stranger} {
		_, err = p.windows.ListWindowRequests(as, &idev1.ListWindowRequestsRequest{WorkspaceId: w.GetId()})
		requireReason(t, err, "WORKSPACE_NOT_FOUND")
		_, err = p.windows.TakeWindowRequest(as, &idev1.TakeWindowRequestRequest{WorkspaceId: w.GetId(), Id: request.GetId()})
		requireReason(t, err, "WORKSPACE_NOT_FOUND")
		stream, err := p.windows.WatchWindowRequests(as, &idev1.ListWindowRequestsRequest{WorkspaceId: w.GetId()})
		require.NoError(t, err, name)
		_, err = stream.Recv()
		requireReason(t, err, "WORKSPACE_NOT_FOUND")
	}
	_, err = p.windows.ShowFile(p.as(t, limited), ask)
	requireReason(t, err, "SCOPE_MISSING")
}
