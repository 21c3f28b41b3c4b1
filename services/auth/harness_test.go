package auth_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"log/slog"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/pkg/testkit/redistest"
	"atrium.internal/proto/access"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

func TestMain(m *testing.M) { leak.Main(m) }

const (
	goodPassword = "violet kettle 1937"
	testAddress  = "192.0.2.7"
)

// house is the service behind a real server, as the gateway sees it.
type house struct {
	t        *testing.T
	signer   *identity.Signer
	database config.Secret
	redis    *redis.Client
	service  *auth.Service
	auth     authv1.AuthServiceClient
	users    authv1.UserServiceClient
	admin    authv1.AdminServiceClient
	board    authv1.AnnouncementServiceClient
}

func open(t *testing.T, cfg auth.Config) *house {
	t.Helper()
	return openOn(t, cfg, pgtest.New(t), redistest.New(t))
}

func openOn(t *testing.T, cfg auth.Config, database, redisURL config.Secret) *house {
	t.Helper()
	if cfg.Registration == "" {
		cfg.Registration = "open"
	}
	if cfg.AdminEmail == "" {
		cfg.AdminEmail = "admin@atrium.localhost"
	}
	log := slog.New(slog.DiscardHandler)
	client, err := redisdb.Open(redisURL)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	service, err := auth.New(cfg, auth.Deps{Log: log, DatabaseURL: database, Redis: client, Key: make([]byte, 32), Keyring: seal.NewKeyring(make([]byte, 32))})
	require.NoError(t, err)
	require.NoError(t, service.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, service.Stop(context.Background())) })

	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	verifier := identity.NewVerifier(public, "auth", nil)
	server, err := grpcx.NewServer(grpcx.ServerOptions{Log: log, Verifier: verifier, Access: access.Of})
	require.NoError(t, err)
	service.Register(server)
	conn := serve(t, server)
	return &house{
		t: t, signer: identity.NewSigner(private, nil), database: database, redis: client, service: service,
		auth: authv1.NewAuthServiceClient(conn), users: authv1.NewUserServiceClient(conn),
		admin: authv1.NewAdminServiceClient(conn), board: authv1.NewAnnouncementServiceClient(conn),
	}
}

func serve(t *testing.T, server *grpc.Server) *grpc.ClientConn {
	t.Helper()
	listener := inproc.Listen()
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	conn, err := listener.Connect()
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(); server.Stop(); <-done })
	return conn
}

// as is a call's context with the identity that the gateway would sign.
func (h *house) as(p principal.Principal) context.Context { return h.from(testAddress, p) }

// from is the same from another address.
func (h *house) from(address string, p principal.Principal) context.Context {
	token, err := h.signer.Sign(p, "auth")
	require.NoError(h.t, err)
	return metadata.AppendToOutgoingContext(h.t.Context(), grpcx.MetadataIdentity, token,
		grpcx.MetadataClientAddress, address, grpcx.MetadataUserAgent, "test browser")
}

func (h *house) anonymous() context.Context {
	return h.as(principal.Principal{Kind: principal.Anonymous})
}

func (h *house) gateway() context.Context { return h.as(principal.Principal{Kind: principal.Service}) }

// device is a signed-in browser.
type device struct {
	user  *authv1.User
	token string
	ctx   context.Context
	id    uuid.UUID
}

func (h *house) register(name string) device {
	h.t.Helper()
	var header metadata.MD
	resp, err := h.auth.Register(h.anonymous(), &authv1.RegisterRequest{
		Email: name + "@example.org", Username: name, Password: goodPassword,
	}, grpc.Header(&header))
	require.NoError(h.t, err)
	return h.device(resp.GetUser(), header)
}

func (h *house) login(login string) device {
	h.t.Helper()
	var header metadata.MD
	resp, err := h.auth.Login(h.anonymous(), &authv1.LoginRequest{Login: login, Password: goodPassword}, grpc.Header(&header))
	require.NoError(h.t, err)
	return h.device(resp.GetUser(), header)
}

func (h *house) device(user *authv1.User, header metadata.MD) device {
	h.t.Helper()
	token := header.Get(grpcx.MetadataSessionToken)
	require.Len(h.t, token, 1)
	holder, err := h.validate(token[0])
	require.NoError(h.t, err)
	id := uuid.MustParse(holder.GetSessionId())
	return device{user: user, token: token[0], id: id, ctx: h.as(principal.Principal{
		Kind: principal.User, UserID: uuid.MustParse(user.GetId()), SessionID: id, Username: user.GetUsername(),
	})}
}

func (h *house) validate(token string) (*authv1.Holder, error) {
	hash := sha256.Sum256([]byte(token))
	resp, err := h.auth.ValidateSession(h.gateway(), &authv1.ValidateSessionRequest{
		Credential: &authv1.ValidateSessionRequest_TokenHash{TokenHash: hash[:]},
	})
	return resp.GetHolder(), err
}

// exec runs a statement as the database's owner.
func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	pool, err := pgxpool.New(h.t.Context(), h.database.Reveal())
	require.NoError(h.t, err)
	defer pool.Close()
	_, err = pool.Exec(h.t.Context(), sql, args...)
	require.NoError(h.t, err)
}

func query[T any](h *house, sql string, args ...any) []T {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.database.Reveal())
	require.NoError(h.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(h.t.Context(), sql, args...)
	require.NoError(h.t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[T])
	require.NoError(h.t, err)
	return found
}
