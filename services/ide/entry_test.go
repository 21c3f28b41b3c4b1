package ide_test

import (
	"crypto/sha256"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/principal"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/testdb"
)

// pretendRunning makes a workspace that the rows say runs: what tickets need.
func (p *platform) pretendRunning(t *testing.T, w *idev1.Workspace) {
	t.Helper()
	testdb.Exec(t, p.database, `UPDATE ide.ide_workspaces SET status = 'running' WHERE id = $1`, w.GetId())
	// The service hears of what others write a moment later.
	owner := testdb.Value[uuid.UUID](t, p.database, `SELECT user_id FROM ide.ide_workspaces WHERE id = $1`, w.GetId())
	p.await(t, p.as(t, principal.Principal{Kind: principal.User, UserID: owner, SessionID: uuid.New()}), w.GetId(), "running")
}

func TestTickets(t *testing.T) {
	p := newPlatform(t)
	ctx, _ := p.user(t)
	one, two := p.create(t, ctx, "one"), p.create(t, ctx, "two")
	p.pretendRunning(t, one)
	p.pretendRunning(t, two)
	open := func(w *idev1.Workspace) (ticket, host string) {
		opening, err := p.workspaces.OpenWorkspace(ctx, &idev1.OpenWorkspaceRequest{Id: w.GetId()})
		require.NoError(t, err)
		require.Len(t, opening.GetTicket(), 43) // 256 bits
		require.NotContains(t, opening.GetUrl(), opening.GetTicket())
		return opening.GetTicket(), hostOf(t, opening.GetUrl())
	}
	redeem := func(ticket, host string) error {
		_, err := p.workspaces.RedeemTicket(p.gateway(t), &idev1.RedeemTicketRequest{Ticket: ticket, Host: host})
		return err
	}

	t.Run("once", func(t *testing.T) {
		ticket, host := open(one)
		require.NoError(t, redeem(ticket, host))
		requireReason(t, redeem(ticket, host), "TICKET_INVALID")
	})
	t.Run("in parallel", func(t *testing.T) {
		ticket, host := open(one)
		gateway := p.gateway(t)
		var good atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := p.workspaces.RedeemTicket(gateway, &idev1.RedeemTicketRequest{Ticket: ticket, Host: host}); err == nil {
					good.Add(1)
				}
			})
		}
		all.Wait()
		require.EqualValues(t, 1, good.Load())
	})
	t.Run("on its own host", func(t *testing.T) {
		ticket, host := open(one)
		_, other := open(two)
		requireReason(t, redeem(ticket, other), "TICKET_INVALID")
		requireReason(t, redeem(ticket, host), "TICKET_INVALID") // used up by the try
	})
	t.Run("made up", func(t *testing.T) {
		_, host := open(one)
		requireReason(t, redeem("made-up", host), "TICKET_INVALID")
	})
	t.Run("only by the gateway", func(t *testing.T) {
		ticket, host := open(one)
		_, err := p.workspaces.RedeemTicket(ctx, &idev1.RedeemTicketRequest{Ticket: ticket, Host: host})
		requireReason(t, err, "PERMISSION_DENIED")
	})
	t.Run("kept as a hash for half a minute", func(t *testing.T) {
		client := p.redisClient(t)
		require.NoError(t, client.FlushDB(t.Context()).Err())
		ticket, host := open(one)
		keys, err := client.Keys(t.Context(), "*").Result()
		require.NoError(t, err)
		require.Len(t, keys, 1)
		require.NotContains(t, keys[0]+client.Get(t.Context(), keys[0]).Val(), ticket)
		lifetime := client.TTL(t.Context(), keys[0]).Val()
		require.Greater(t, lifetime, 20*time.Second)
		require.LessOrEqual(t, lifetime, 30*time.Second)
		require.NoError(t, client.Del(t.Context(), keys[0]).Err()) // as expiry does
		requireReason(t, redeem(ticket, host), "TICKET_INVALID")
	})
}

func TestWorkspaceSessions(t *testing.T) {
	p := newPlatform(t)
	ctx, caller := p.user(t)
	w := p.create(t, ctx, "one")
	p.pretendRunning(t, w)
	opening, err := p.workspaces.OpenWorkspace(ctx, &idev1.OpenWorkspaceRequest{Id: w.GetId()})
	require.NoError(t, err)
	entrance, err := p.workspaces.RedeemTicket(p.gateway(t), &idev1.RedeemTicketRequest{Ticket: opening.GetTicket(), Host: hostOf(t, opening.GetUrl())})
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(12*time.Hour), entrance.GetExpiresAt().AsTime(), time.Minute)
	hash := sha256.Sum256([]byte(entrance.GetSessionToken()))
	validate := func(hash [32]byte) error {
		_, err := p.workspaces.ValidateWorkspaceSession(p.gateway(t), &idev1.ValidateWorkspaceSessionRequest{TokenHash: hash[:]})
		return err
	}
	require.NoError(t, validate(hash))
	requireReason(t, validate(sha256.Sum256([]byte("made up"))), "WORKSPACE_SESSION_INVALID")
	require.Zero(t, testdb.Value[int](t, p.database, `SELECT count(*) FROM ide.ide_sessions WHERE session_token = $1`, entrance.GetSessionToken()),
		"the token itself is not kept")
	require.Equal(t, caller.SessionID, testdb.Value[uuid.UUID](t, p.database, `SELECT platform_session_id FROM ide.ide_sessions`))

	// The service hears of such a change a moment after it was made.
	testdb.Exec(t, p.database, `UPDATE ide.ide_sessions SET expires_at = now()`)
	require.Eventually(t, func() bool { return validate(hash) != nil }, 10*time.Second, 10*time.Millisecond)
	requireReason(t, validate(hash), "WORKSPACE_SESSION_INVALID")
	testdb.Exec(t, p.database, `UPDATE ide.ide_sessions SET expires_at = now() + interval '1 hour'`)
	require.Eventually(t, func() bool { return validate(hash) == nil }, 10*time.Second, 10*time.Millisecond)
	_, err = p.workspaces.DeleteWorkspace(ctx, &idev1.DeleteWorkspaceRequest{Id: w.GetId()})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return validate(hash) != nil }, 10*time.Second, 10*time.Millisecond, "it ends with the workspace")
}

func TestListsArePagedAndTheirTokensOnesOwn(t *testing.T) {
	p := newPlatform(t)
	ctx, caller := p.user(t)
	for _, name := range []string{"one", "two", "three"} {
		p.create(t, ctx, name)
	}
	first, err := p.workspaces.ListWorkspaces(ctx, &idev1.ListWorkspacesRequest{PageSize: 2})
	require.NoError(t, err)
	require.Len(t, first.GetWorkspaces(), 2)
	require.Equal(t, "three", first.GetWorkspaces()[0].GetName())
	second, err := p.workspaces.ListWorkspaces(ctx, &idev1.ListWorkspacesRequest{PageSize: 2, PageToken: first.GetNextPageToken()})
	require.NoError(t, err)
	require.Len(t, second.GetWorkspaces(), 1)
	require.Empty(t, second.GetNextPageToken())

	other, _ := p.user(t)
	_, err = p.workspaces.ListWorkspaces(other, &idev1.ListWorkspacesRequest{PageToken: first.GetNextPageToken()})
	requireReason(t, err, "PAGE_TOKEN_INVALID")

	noScope := caller
	noScope.Scopes = []string{"chat"}
	_, err = p.workspaces.ListWorkspaces(p.as(t, noScope), &idev1.ListWorkspacesRequest{})
	requireReason(t, err, "SCOPE_MISSING")
	_, err = p.workspaces.ListWorkspaces(p.as(t, principal.Principal{Kind: principal.Anonymous}), &idev1.ListWorkspacesRequest{})
	requireReason(t, err, "UNAUTHENTICATED")
}

func TestBadInput(t *testing.T) {
	p := newPlatform(t)
	ctx, _ := p.user(t)
	for _, name := range []string{"", " x", "a/b", "..\n", "x\x00", string(make([]byte, 70))} {
		_, err := p.workspaces.CreateWorkspace(ctx, &idev1.CreateWorkspaceRequest{Name: name})
		require.Contains(t, requireReason(t, err, "INVALID_ARGUMENT").Fields, "name", "%q", name)
	}
	_, err := p.workspaces.GetWorkspace(ctx, &idev1.GetWorkspaceRequest{Id: "1 OR 1=1"})
	require.Contains(t, requireReason(t, err, "INVALID_ARGUMENT").Fields, "id")
	_, err = p.workspaces.GetWorkspace(ctx, &idev1.GetWorkspaceRequest{Id: uuid.NewString()})
	requireReason(t, err, "WORKSPACE_NOT_FOUND")
}
