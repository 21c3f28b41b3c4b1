package ai_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/grpcx/inproc"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/proto/access"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai"
	"atrium.internal/services/ai/internal/dbtest"

	"google.golang.org/grpc/metadata"
)

func TestMain(m *testing.M) { leak.Main(m) }

const (
	key    = "sk-canary-0b5d1e88"
	prompt = "canary-prompt-7713: how do tides work?"
	claude = "claude-sonnet-4-5-20250929"
	// patience bounds what should happen at once.
	patience = 15 * time.Second
)

// house is the service behind a real server, as the other services see it.
type house struct {
	t       *testing.T
	db      *dbtest.DB
	far     *fakeai.Server
	log     *lockedBuffer
	service *ai.Service
	client  aiv1.AIServiceClient
	signer  *identity.Signer
	user    uuid.UUID
}

// settings are the defaults of the command line, with short pauses.
func settings() ai.Config {
	return ai.Config{
		AnthropicModels: []string{claude, "claude-haiku-4-5-20251001"}, DefaultModel: claude, OpenAIName: "openai",
		MaxTokens: 1000, ConnectTimeout: time.Second, FirstTokenTimeout: patience, IdleTimeout: patience,
		Attempts: 3, RetryPause: time.Millisecond, RetryMaxPause: 2 * time.Second, Instance: "test",
	}
}

// anthropicHouse has the fake far end as Anthropic.
func anthropicHouse(t *testing.T, change ...func(*ai.Config)) *house {
	far := fakeai.New(t, fakeai.Options{Key: key})
	cfg := settings()
	cfg.AnthropicKey, cfg.AnthropicBaseURL = key, far.AnthropicURL()
	for _, c := range change {
		c(&cfg)
	}
	return openHouse(t, cfg, far, dbtest.Bare(t))
}

// openHouse starts the service on a database.
func openHouse(t *testing.T, cfg ai.Config, far *fakeai.Server, db *dbtest.DB) *house {
	t.Helper()
	h := &house{t: t, db: db, far: far, log: &lockedBuffer{}}
	log := slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	h.service, err = ai.New(cfg, ai.Deps{Log: log, DatabaseURL: db.URL, Key: make([]byte, 32)})
	require.NoError(t, err)
	require.NoError(t, h.service.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, h.service.Stop(context.Background())) })

	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	server, err := grpcx.NewServer(grpcx.ServerOptions{
		Log: log, Verifier: identity.NewVerifier(public, "ai", nil), Access: access.Of,
	})
	require.NoError(t, err)
	h.service.Register(server)
	listener := inproc.Listen()
	served := make(chan struct{})
	go func() { defer close(served); _ = server.Serve(listener) }()
	conn, err := listener.Connect()
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(); server.Stop(); <-served })
	h.client, h.signer = aiv1.NewAIServiceClient(conn), identity.NewSigner(private, nil)
	h.user = db.User(t)
	return h
}

// as is a call's context of the house's user, with a plan of so many tokens.
func (h *house) as(tokens int64) context.Context {
	token, err := h.signer.Sign(principal.Principal{
		Kind: principal.User, UserID: h.user, Plan: principal.Plan{Name: "free", AITokensMonthly: tokens, AIBudgetMonthly: -1},
	}, "ai")
	require.NoError(h.t, err)
	return metadata.AppendToOutgoingContext(h.t.Context(), grpcx.MetadataIdentity, token, grpcx.MetadataClientAddress, "192.0.2.7")
}

// unlimited is the plan of most tests.
const unlimited = -1

// question is a request with one message.
func question(text string) *aiv1.GenerateRequest {
	return &aiv1.GenerateRequest{Messages: []*aiv1.ChatMessage{{Role: "user", Content: text}}, Source: "chat"}
}

// answer is what a call streamed.
type answer struct {
	started *aiv1.GenerateResponse_Started
	text    string
	usage   *aiv1.Usage
	stop    string
	err     error
}

// ask makes a call and reads its stream to the end.
func (h *house) ask(ctx context.Context, req *aiv1.GenerateRequest) answer {
	h.t.Helper()
	stream, err := h.client.Generate(ctx, req)
	if err != nil {
		return answer{err: err}
	}
	return read(stream)
}

// events is a stream of an answer.
type events interface {
	Recv() (*aiv1.GenerateResponse, error)
}

func read(stream events) (a answer) {
	var text strings.Builder
	for {
		m, err := stream.Recv()
		if err != nil {
			a.text = text.String()
			if !errors.Is(err, io.EOF) {
				a.err = err
			}
			return a
		}
		switch e := m.GetEvent().(type) {
		case *aiv1.GenerateResponse_Started_:
			a.started = e.Started
		case *aiv1.GenerateResponse_Delta_:
			text.WriteString(e.Delta.GetText())
		case *aiv1.GenerateResponse_Usage:
			a.usage = e.Usage
		case *aiv1.GenerateResponse_Done_:
			a.stop = e.Done.GetStopReason()
		}
	}
}

// used is the month's figure, as the user sees it.
func (h *house) used() int64 {
	h.t.Helper()
	resp, err := h.client.GetTokenUsage(h.as(100_000), &aiv1.GetTokenUsageRequest{})
	require.NoError(h.t, err)
	return resp.GetUsed()
}

// rows counts the ledger's rows of a status.
func (h *house) rows(status string) int64 {
	h.t.Helper()
	return h.db.Count(h.t, `SELECT count(*) FROM ai.ai_usage WHERE status = $1`, status)
}

// audited counts the audit rows of an event with an outcome.
func (h *house) audited(event, status, reason string) int64 {
	h.t.Helper()
	return h.db.Count(h.t, `SELECT count(*) FROM audit.audit_log WHERE user_id = $1 AND event_type = $2
		AND action = 'generate' AND status = $3 AND error = $4 AND ip_address IS NOT NULL`, h.user, event, status, reason)
}

// lockedBuffer collects a log.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
