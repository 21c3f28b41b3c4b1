package chat_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
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
	"atrium.internal/proto/access"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
)

// victimEnv makes this test binary a chat process that is there to be killed.
const victimEnv = "ATRIUM_TEST_VICTIM"

// victimKey is the idempotency key of what it sends.
const victimKey = "the-key"

// order is what such a process is told: whose conversation to answer in.
type order struct {
	Database, Redis, Instance, Key string
	User, Conversation             uuid.UUID
}

func TestAKilledProcessLosesNothingThatWasShown(t *testing.T) {
	for name, c := range map[string]struct {
		instance, restart string
		within            time.Duration
	}{
		"closed at once by its own restart": {"the-one", "the-one", 2 * time.Second},
		"closed by another replica":         {"", "", 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			other, ctx := h.replica(chat.Config{}), h.person()
			user := query[uuid.UUID](h, `SELECT id FROM auth.users`)
			conv := other.conversation(ctx)
			victim, id := h.victim(order{Instance: c.instance, User: user, Conversation: uuid.MustParse(conv.GetId())})
			watch := other.follow(ctx, id, 0)
			for len(watch.events) < 30 {
				require.NotNil(t, watch.next())
			}
			require.NoError(t, victim.Process.Kill())
			killed := time.Now()
			_ = victim.Wait() // killed, as it says
			if c.restart != "" {
				h.replica(chat.Config{Instance: c.restart})
				require.Equal(t, "interrupted", query[string](h, `SELECT status FROM chat.chat_messages WHERE id = $1`, id))
			}
			failure := watch.end().GetError()
			require.Less(t, time.Since(killed), c.within)
			require.Equal(t, "TURN_INTERRUPTED", failure.GetReason())
			require.Equal(t, "interrupted", failure.GetMessage().GetStatus())
			require.True(t, strings.HasPrefix(failure.GetMessage().GetContent(), watch.text.String()),
				"saved %q is shorter than what was shown, %q", failure.GetMessage().GetContent(), watch.text.String())
			again := other.follow(ctx, id, 5)
			require.NotNil(t, again.end().GetError())
			other.sendAgain(ctx, conv.GetId(), id)
			tree, err := other.client.ListMessages(ctx, &chatv1.ListMessagesRequest{ConversationId: conv.GetId()})
			require.NoError(t, err)
			require.Len(t, tree.GetMessages(), 2)
			require.Equal(t, "tell me a long story", tree.GetMessages()[0].GetContent())
			require.Empty(t, h.ai.requests(), "nobody is asked a second time")
		})
	}
}

// sendAgain repeats what the victim sent, twenty times, and then something else
// under the same key.
func (r *replica) sendAgain(ctx context.Context, conversation, answer string) {
	r.t.Helper()
	keyed := metadata.AppendToOutgoingContext(ctx, grpcx.MetadataIdempotencyKey, victimKey)
	var all sync.WaitGroup
	ids := make([]string, 20)
	for i := range ids {
		all.Go(func() {
			again, err := r.client.SendMessage(keyed, &chatv1.SendMessageRequest{ConversationId: conversation, Content: "tell me a long story"})
			if err == nil {
				ids[i] = again.GetAssistantMessage().GetId()
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		require.Equal(r.t, answer, id)
	}
	_, err := r.client.SendMessage(keyed, &chatv1.SendMessageRequest{ConversationId: conversation, Content: "something else"})
	require.Equal(r.t, "IDEMPOTENCY_KEY_REUSED", r.reason(err))
}

// victim starts a chat process that answers without end, and gives the answer's id.
func (h *house) victim(o order) (*exec.Cmd, string) {
	h.t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(h.t, err)
	o.Database, o.Redis, o.Key = h.database.Reveal(), h.redisURL.Reveal(), hex.EncodeToString(private)
	text, err := json.Marshal(o)
	require.NoError(h.t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(h.t, err)
	require.NoError(h.t, cmd.Start())
	h.t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(h.t, err)
	return cmd, strings.TrimSpace(line)
}

// victim is the other end of it. In a test process proper it is false at once.
func victim() bool {
	text := os.Getenv(victimEnv)
	if text == "" {
		return false
	}
	if err := beVictim([]byte(text)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return true
}

func beVictim(text []byte) error {
	var o order
	if err := json.Unmarshal(text, &o); err != nil {
		return err
	}
	raw, err := hex.DecodeString(o.Key)
	if err != nil {
		return err
	}
	key := ed25519.PrivateKey(raw)
	redis, err := redisdb.Open(config.Secret(o.Redis))
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	service, err := chat.New(chat.Config{Instance: o.Instance, TurnTimeout: time.Minute}, chat.Deps{
		Log: log, DatabaseURL: config.Secret(o.Database), Redis: redis, Key: make([]byte, 32), Keyring: seal.NewKeyring(make([]byte, 32)), AI: storyteller{},
	})
	if err != nil {
		return err
	}
	if err := service.Start(context.Background()); err != nil {
		return err
	}
	server, err := grpcx.NewServer(grpcx.ServerOptions{
		Log: log, Access: access.Of, Verifier: identity.NewVerifier(key.Public().(ed25519.PublicKey), "chat", nil),
	})
	if err != nil {
		return err
	}
	service.Register(server)
	listener := inproc.Listen()
	go func() { _ = server.Serve(listener) }()
	conn, err := listener.Connect()
	if err != nil {
		return err
	}
	token, err := identity.NewSigner(key, nil).Sign(principal.Principal{Kind: principal.User, UserID: o.User}, "chat")
	if err != nil {
		return err
	}
	ctx := metadata.AppendToOutgoingContext(context.Background(), grpcx.MetadataIdentity, token)
	ctx = metadata.AppendToOutgoingContext(ctx, grpcx.MetadataIdempotencyKey, victimKey)
	resp, err := chatv1.NewChatServiceClient(conn).SendMessage(ctx, &chatv1.SendMessageRequest{
		ConversationId: o.Conversation.String(), Content: "tell me a long story",
	})
	if err != nil {
		return err
	}
	fmt.Println(resp.GetAssistantMessage().GetId())
	select {} // until killed
}

// storyteller is an AI service that never comes to an end.
type storyteller struct{ aiv1.AIServiceClient }

func (storyteller) Generate(ctx context.Context, _ *aiv1.GenerateRequest, _ ...grpc.CallOption) (grpc.ServerStreamingClient[aiv1.GenerateResponse], error) {
	return &story{ctx: ctx}, nil
}

func (storyteller) ListModels(context.Context, *aiv1.ListModelsRequest, ...grpc.CallOption) (*aiv1.ListModelsResponse, error) {
	return &aiv1.ListModelsResponse{}, nil
}

type story struct {
	grpc.ClientStream
	ctx   context.Context
	words int
}

func (s *story) Recv() (*aiv1.GenerateResponse, error) {
	select {
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	case <-time.After(5 * time.Millisecond): // the pace of a model
	}
	s.words++
	return &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Delta_{
		Delta: &aiv1.GenerateResponse_Delta{Text: fmt.Sprintf("word%d ", s.words)},
	}}, nil
}
