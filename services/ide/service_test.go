package ide_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/config"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/testkit/redistest"
	"atrium.internal/proto/access"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide"
	"atrium.internal/services/ide/internal/driver/conformance"
	"atrium.internal/services/ide/internal/driver/directory"
	"atrium.internal/services/ide/internal/testdb"
)

func TestMain(m *testing.M) { leak.Main(m) }

// How long tests wait for what takes a moment, and how often they look.
const (
	limit = 60 * time.Second
	tick  = 20 * time.Millisecond
)

// platform is the service with everything real around it but the gateway.
type platform struct {
	database config.Secret
	redis    config.Secret
	config   ide.Config
	signer   *identity.Signer
	verifier *identity.Verifier
	ai       fakeAI

	service    *ide.Service
	workspaces idev1.WorkspaceServiceClient
	code       idev1.CodeServiceClient
	windows    idev1.WindowServiceClient
	stop       func()
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	return newPlatformWith(t, func(*platform) {})
}

// newPlatformWith is newPlatform with other settings.
func newPlatformWith(t *testing.T, change func(*platform)) *platform {
	t.Helper()
	vscode := os.Getenv("ATRIUM_VSCODE_DIR")
	if vscode == "" {
		vscode = "../../.cache/vscode"
	}
	if _, err := os.Stat(filepath.Join(vscode, "current")); err != nil {
		conformance.Required(t, "directory", "VS Code is not installed in "+vscode+"; run deploy/vscode/install.sh")
	}
	data := conformance.DataDir(t)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	p := &platform{
		ai:       fakeAI{answers: map[string][]string{}, calls: new([]call)},
		database: testdb.New(t), redis: redistest.New(t),
		signer: identity.NewSigner(private, nil), verifier: identity.NewVerifier(public, "ide", nil),
		config: ide.Config{
			Isolation: "directory", VSCodeDir: vscode, DataDir: data, AutostopAfter: 2 * time.Hour, StartTimeout: time.Minute,
			Processes: 1024, PublicURL: "http://atrium.localhost:8080", IDEDomain: "ide.atrium.localhost:8080",
		},
	}
	change(p)
	t.Cleanup(func() { endSandboxes(t, p.config) })
	p.start(t)
	t.Cleanup(func() { p.stop() })
	return p
}

// start runs the service on a connection in memory, as the one-process platform does.
func (p *platform) start(t *testing.T) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	client, err := redisdb.Open(p.redis)
	require.NoError(t, err)
	p.service, err = ide.New(p.config, ide.Deps{Log: log, DatabaseURL: p.database, Redis: client, Key: make([]byte, 32), AI: p.ai})
	require.NoError(t, err)
	require.NoError(t, p.service.Start(t.Context()))
	server, err := grpcx.NewServer(grpcx.ServerOptions{Log: log, Verifier: p.verifier, Access: access.Of})
	require.NoError(t, err)
	p.service.Register(server)
	listener := inproc.Listen()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := listener.Connect()
	require.NoError(t, err)
	p.workspaces, p.code = idev1.NewWorkspaceServiceClient(conn), idev1.NewCodeServiceClient(conn)
	p.windows = idev1.NewWindowServiceClient(conn)
	stopped := false
	p.stop = func() {
		if stopped {
			return
		}
		stopped = true
		require.NoError(t, conn.Close())
		server.Stop()
		require.NoError(t, <-served)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(t, p.service.Stop(ctx))
		require.NoError(t, client.Close())
	}
}

// user makes a user and a context in which that user calls.
func (p *platform) user(t *testing.T) (context.Context, principal.Principal) {
	t.Helper()
	caller := principal.Principal{
		Kind: principal.User, UserID: testdb.AddUser(t, p.database), SessionID: uuid.New(), Username: "ada",
		Plan: principal.Plan{
			Name: "free", AITokensMonthly: -1, IDESecondsMonthly: 3600, StorageBytes: 1 << 30,
			CPUMillis: 2000, MemoryBytes: 2 << 30, Workspaces: 3,
		},
	}
	return p.as(t, caller), caller
}

func (p *platform) as(t *testing.T, caller principal.Principal) context.Context {
	t.Helper()
	token, err := p.signer.Sign(caller, "ide")
	require.NoError(t, err)
	return metadata.AppendToOutgoingContext(t.Context(), grpcx.MetadataIdentity, token,
		grpcx.MetadataClientAddress, "192.0.2.7", grpcx.MetadataUserAgent, "test")
}

func (p *platform) gateway(t *testing.T) context.Context {
	t.Helper()
	return p.as(t, principal.Principal{Kind: principal.Service})
}

// create makes a workspace.
func (p *platform) create(t *testing.T, ctx context.Context, name string) *idev1.Workspace {
	t.Helper()
	w, err := p.workspaces.CreateWorkspace(ctx, &idev1.CreateWorkspaceRequest{Name: name, Template: "python"})
	require.NoError(t, err)
	require.Equal(t, "stopped", w.GetStatus())
	return w
}

// await waits until a workspace has the status.
func (p *platform) await(t *testing.T, ctx context.Context, id, status string) *idev1.Workspace {
	t.Helper()
	var w *idev1.Workspace
	require.Eventually(t, func() bool {
		var err error
		w, err = p.workspaces.GetWorkspace(ctx, &idev1.GetWorkspaceRequest{Id: id})
		require.NoError(t, err)
		return w.GetStatus() == status
	}, limit, tick, "want %s", status)
	return w
}

func TestFromCreateToTheEditor(t *testing.T) {
	p := newPlatform(t)
	ctx, caller := p.user(t)
	w := p.create(t, ctx, "My project")

	_, err := p.workspaces.OpenWorkspace(ctx, &idev1.OpenWorkspaceRequest{Id: w.GetId()})
	requireReason(t, err, "WORKSPACE_NOT_RUNNING")

	began := time.Now()
	w, err = p.workspaces.StartWorkspace(ctx, &idev1.StartWorkspaceRequest{Id: w.GetId()})
	require.NoError(t, err)
	require.Equal(t, "starting", w.GetStatus())
	steps := watchUntil(t, ctx, p, w.GetId(), "ready")
	t.Logf("ready after %s", time.Since(began).Round(time.Millisecond))
	require.Equal(t, []string{"volume", "sandbox", "editor", "ready"}, steps)
	w = p.await(t, ctx, w.GetId(), "running")
	require.NotEmpty(t, w.GetContainerId())
	require.NotNil(t, w.GetAutostopAt())

	opening, err := p.workspaces.OpenWorkspace(ctx, &idev1.OpenWorkspaceRequest{Id: w.GetId()})
	require.NoError(t, err)
	address, err := url.Parse(opening.GetUrl())
	require.NoError(t, err)
	require.Equal(t, "http", address.Scheme)
	require.Equal(t, "/_atrium/enter", address.Path)
	require.Regexp(t, `^[a-z2-7]{26}\.ide\.atrium\.localhost:8080$`, address.Host)

	entrance, err := p.workspaces.RedeemTicket(p.gateway(t), &idev1.RedeemTicketRequest{Ticket: opening.GetTicket(), Host: address.Host})
	require.NoError(t, err)
	require.Equal(t, "/?folder="+url.QueryEscape(w.GetPath()), entrance.GetLocation())
	hash := sha256.Sum256([]byte(entrance.GetSessionToken()))
	session, err := p.workspaces.ValidateWorkspaceSession(p.gateway(t), &idev1.ValidateWorkspaceSessionRequest{TokenHash: hash[:]})
	require.NoError(t, err)
	require.Equal(t, w.GetId(), session.GetWorkspaceId())
	require.Equal(t, caller.UserID.String(), session.GetUserId())
	require.Equal(t, caller.SessionID.String(), session.GetSessionId())
	require.Equal(t, address.Host, session.GetHost())

	page := p.get(t, w.GetId(), entrance.GetLocation())
	require.Contains(t, page, "workbench")

	stats, err := p.workspaces.GetStats(ctx, &idev1.GetStatsRequest{WorkspaceId: w.GetId()})
	require.NoError(t, err)
	require.Positive(t, stats.GetMemory().GetUsed())
	require.EqualValues(t, 2<<30, stats.GetMemory().GetLimit())
	require.EqualValues(t, 2000, stats.GetCpu().GetLimit())
	require.Positive(t, stats.GetStorage().GetUsed())
	t.Logf("memory with its page served: %d MB", stats.GetMemory().GetUsed()>>20)
	logs, err := p.workspaces.GetLogs(ctx, &idev1.GetLogsRequest{WorkspaceId: w.GetId()})
	require.NoError(t, err)
	require.NotEmpty(t, logs.GetLines())

	_, err = p.workspaces.StopWorkspace(ctx, &idev1.StopWorkspaceRequest{Id: w.GetId()})
	require.NoError(t, err)
	w = p.await(t, ctx, w.GetId(), "stopped")
	require.Equal(t, "You stopped it.", w.GetStatusReason())
	_, err = p.service.DialWorkspace(t.Context(), uuid.MustParse(w.GetId()), 0)
	requireReason(t, err, "WORKSPACE_NOT_RUNNING")
	usage, err := p.workspaces.GetWorkspaceUsage(ctx, &idev1.GetWorkspaceUsageRequest{})
	require.NoError(t, err)
	require.EqualValues(t, 3600, usage.GetIdeSecondsLimit())
	require.Equal(t, []string{"workspace.create", "workspace.start", "workspace.open", "workspace.enter", "workspace.stop"}, p.audited(t, caller.UserID))
}

// get fetches a page of a workspace's editor as the gateway would.
func (p *platform) get(t *testing.T, id, path string) string {
	t.Helper()
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return p.service.DialWorkspace(ctx, uuid.MustParse(id), 0)
		},
	}
	response, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Get("http://workspace" + path)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return string(body)
}

// audited gives the event types of a user's audit rows, oldest first.
func (p *platform) audited(t *testing.T, user uuid.UUID) []string {
	t.Helper()
	return testdb.Value[[]string](t, p.database, `SELECT coalesce(array_agg(event_type ORDER BY timestamp, id), '{}')
		FROM audit.audit_log WHERE user_id = $1 AND ip_address = '192.0.2.7'`, user)
}

// watchUntil collects the steps of events up to the named one, each once and in order.
func watchUntil(t *testing.T, ctx context.Context, p *platform, id, last string) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	stream, err := p.workspaces.WatchWorkspace(ctx, &idev1.WatchWorkspaceRequest{WorkspaceId: id})
	require.NoError(t, err)
	var steps []string
	for seq := int64(1); ; seq++ {
		event, err := stream.Recv()
		require.NoError(t, err)
		require.Equal(t, seq, event.GetSeq())
		steps = append(steps, event.GetStep())
		if event.GetStep() == last {
			return steps
		}
	}
}

// endSandboxes ends what a test left running: workspaces outlive the service.
func endSandboxes(t *testing.T, cfg ide.Config) {
	t.Helper()
	d, err := directory.New(directory.Options{DataDir: cfg.DataDir, VSCodeDir: cfg.VSCodeDir})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	handles, err := d.List(ctx)
	require.NoError(t, err)
	for _, h := range handles {
		require.NoError(t, d.Stop(ctx, h))
		require.NoError(t, d.Destroy(ctx, h))
	}
}

// redisClient is a connection of the test's own.
func (p *platform) redisClient(t *testing.T) *redis.Client {
	t.Helper()
	client, err := redisdb.Open(p.redis)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

func hostOf(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u.Host
}

// requireReason wants an error of the platform with that reason.
func requireReason(t *testing.T, err error, reason string) *apperr.Error {
	t.Helper()
	var own *apperr.Error
	require.ErrorAs(t, err, &own)
	require.Equal(t, reason, own.Reason)
	return own
}
