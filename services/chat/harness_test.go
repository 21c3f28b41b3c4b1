package chat_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/config"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/pkg/testkit/pgtest"
	"atrium.internal/pkg/testkit/redistest"
	"atrium.internal/proto/access"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

// house is a deployment: its stores, a scripted AI service, and people.
type house struct {
	t        *testing.T
	database config.Secret
	redisURL config.Secret
	signer   *identity.Signer
	public   ed25519.PublicKey
	ai       *scripted
	aiClient aiv1.AIServiceClient
}

func newHouse(t *testing.T) *house {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	h := &house{
		t: t, database: pgtest.New(t), redisURL: redistest.New(t),
		signer: identity.NewSigner(private, nil), public: public, ai: &scripted{},
	}
	h.exec(pgdb.EnsureRole("atrium_chat"))
	h.exec(`CREATE SCHEMA auth; CREATE TABLE auth.users (id UUID PRIMARY KEY);
		CREATE SCHEMA audit; CREATE TABLE audit.audit_log (id UUID, user_id UUID, event_type TEXT, resource_type TEXT,
			resource_id TEXT, action TEXT, status TEXT, ip_address INET, user_agent TEXT, metadata JSONB, error TEXT);
		GRANT USAGE ON SCHEMA audit TO atrium_chat; GRANT INSERT ON audit.audit_log TO atrium_chat`)
	conn := h.serve("ai", func(r grpc.ServiceRegistrar) { aiv1.RegisterAIServiceServer(r, h.ai) })
	h.aiClient = aiv1.NewAIServiceClient(conn)
	return h
}

// replica is one running chat service.
type replica struct {
	*house
	service *chat.Service
	client  chatv1.ChatServiceClient
	redis   *flaky
}

func (h *house) replica(cfg chat.Config) *replica {
	h.t.Helper()
	if cfg.TurnTimeout == 0 {
		cfg.TurnTimeout = time.Minute
	}
	link := newFlaky(h.t, h.redisURL)
	service, err := chat.New(cfg, chat.Deps{
		Log: slog.New(slog.DiscardHandler), DatabaseURL: h.database,
		Redis: link.client, Key: make([]byte, 32), Keyring: seal.NewKeyring(make([]byte, 32)), AI: h.aiClient,
	})
	require.NoError(h.t, err)
	require.NoError(h.t, service.Start(h.t.Context()))
	h.t.Cleanup(func() { require.NoError(h.t, service.Stop(context.Background())) })
	conn := h.serve("chat", service.Register)
	return &replica{house: h, service: service, client: chatv1.NewChatServiceClient(conn), redis: link}
}

func (h *house) serve(name string, register func(grpc.ServiceRegistrar)) *grpc.ClientConn {
	h.t.Helper()
	server, err := grpcx.NewServer(grpcx.ServerOptions{
		Log: slog.New(slog.DiscardHandler), Access: access.Of,
		Verifier: identity.NewVerifier(h.public, name, nil),
	})
	require.NoError(h.t, err)
	register(server)
	listener := inproc.Listen()
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	conn, err := listener.Connect()
	require.NoError(h.t, err)
	h.t.Cleanup(func() { _ = conn.Close(); server.Stop(); <-done })
	return conn
}

// person makes an account and gives a call's context of theirs.
func (h *house) person() context.Context {
	h.t.Helper()
	id := uuid.New()
	h.exec(`INSERT INTO auth.users VALUES ($1)`, id)
	token, err := h.signer.Sign(principal.Principal{Kind: principal.User, UserID: id, SessionID: uuid.New()}, "chat", "ai")
	require.NoError(h.t, err)
	return metadata.AppendToOutgoingContext(h.t.Context(), grpcx.MetadataIdentity, token)
}

func (h *house) exec(sql string, args ...any) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.database.Reveal())
	require.NoError(h.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.Exec(h.t.Context(), sql, args...)
	require.NoError(h.t, err)
}

func query[T any](h *house, sql string, args ...any) T {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.database.Reveal())
	require.NoError(h.t, err)
	defer func() { _ = conn.Close(context.Background()) }()
	var value T
	require.NoError(h.t, conn.QueryRow(h.t.Context(), sql, args...).Scan(&value))
	return value
}

// scripted is an AI service that plays what a test says.
type scripted struct {
	aiv1.UnimplementedAIServiceServer
	mu    sync.Mutex
	play  func(*aiv1.GenerateRequest, *voice) error
	calls []*aiv1.GenerateRequest
	// title and summary play the calls for those, which are none of calls.
	title, summary func(*aiv1.GenerateRequest, *voice) error
}

// voice sends the parts of an answer.
type voice struct {
	grpc.ServerStreamingServer[aiv1.GenerateResponse]
}

func (s *scripted) Generate(req *aiv1.GenerateRequest, stream grpc.ServerStreamingServer[aiv1.GenerateResponse]) error {
	s.mu.Lock()
	if beside := map[string]func(*aiv1.GenerateRequest, *voice) error{"chat.title": s.title, "chat.summary": s.summary}; req.GetSource() != "chat" {
		play := beside[req.GetSource()]
		s.mu.Unlock()
		if play == nil {
			return apperr.New(apperr.Unavailable, "PROVIDER_DOWN", "There are no titles and summaries today.")
		}
		return play(req, &voice{stream})
	}
	s.calls = append(s.calls, req)
	play := s.play
	s.mu.Unlock()
	return play(req, &voice{stream})
}

func (s *scripted) will(play func(*aiv1.GenerateRequest, *voice) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.play = play
}

func (s *scripted) requests() []*aiv1.GenerateRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*aiv1.GenerateRequest(nil), s.calls...)
}

func (v *voice) started(model string) {
	_ = v.Send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Started_{Started: &aiv1.GenerateResponse_Started{Model: model}}})
}

func (v *voice) say(text string) {
	_ = v.Send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Delta_{Delta: &aiv1.GenerateResponse_Delta{Text: text}}})
}

func (v *voice) usage(input, output int32, cost int64) {
	_ = v.Send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Usage{
		Usage: &aiv1.Usage{InputTokens: input, OutputTokens: output, CacheReadTokens: 2, CostMicroUsd: cost},
	}})
}

func (v *voice) done() error {
	return v.Send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Done_{Done: &aiv1.GenerateResponse_Done{StopReason: "end_turn"}}})
}

// saying answers with the parts, each sent when the test lets it; closing the
// channel ends the answer.
func saying(parts <-chan string) func(*aiv1.GenerateRequest, *voice) error {
	return func(_ *aiv1.GenerateRequest, v *voice) error {
		v.started("test-model")
		for {
			select {
			case text, more := <-parts:
				if !more {
					v.usage(10, 5, 1500)
					return v.done()
				}
				v.say(text)
			case <-v.Context().Done():
				return v.Context().Err()
			}
		}
	}
}

// flaky is a Redis client whose line can be cut.
type flaky struct {
	client *redis.Client
	mu     sync.Mutex
	cut    bool
	open   map[net.Conn]bool
}

var errCut = errors.New("the line is cut")

func newFlaky(t *testing.T, url config.Secret) *flaky {
	t.Helper()
	plain, err := redisdb.Open(url)
	require.NoError(t, err)
	options := *plain.Options()
	options.PushNotificationProcessor = nil // belongs to the closed one
	require.NoError(t, plain.Close())
	f := &flaky{open: map[net.Conn]bool{}}
	options.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.cut {
			return nil, errCut
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			f.open[conn] = true
		}
		return conn, err
	}
	f.client = redis.NewClient(&options)
	t.Cleanup(func() { _ = f.client.Close() })
	return f
}

func (f *flaky) setCut(cut bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cut = cut
	for conn := range f.open {
		_ = conn.Close()
	}
	f.open = map[net.Conn]bool{}
}
