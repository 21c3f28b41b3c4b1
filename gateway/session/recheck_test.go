package session_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"

	"atrium.internal/gateway/session"
)

// patience is for a stream that is to end within 5 seconds on a busy machine.
const patience = 30 * time.Second

// register stands for the auth service, and knows which credentials are good.
type register struct {
	mu   sync.Mutex
	gone map[string]bool
	user uuid.UUID
}

func (a *register) end(credential string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.gone[credential] = true
}

func (a *register) holder(credential string) (*authv1.Holder, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.gone[credential] {
		return nil, apperr.New(apperr.Unauthenticated, "SESSION_INVALID", "Your session has ended.")
	}
	return &authv1.Holder{UserId: a.user.String(), SessionId: a.user.String(), Username: "ada"}, nil
}

func (a *register) ValidateSession(_ context.Context, in *authv1.ValidateSessionRequest, _ ...grpc.CallOption) (*authv1.ValidateSessionResponse, error) {
	holder, err := a.holder(in.GetSessionId())
	return &authv1.ValidateSessionResponse{Holder: holder}, err
}

func (a *register) ValidateAPIToken(_ context.Context, in *authv1.ValidateAPITokenRequest, _ ...grpc.CallOption) (*authv1.ValidateAPITokenResponse, error) {
	holder, err := a.holder(hex.EncodeToString(in.GetTokenHash()))
	return &authv1.ValidateAPITokenResponse{Holder: holder}, err
}

// rechecked gives an index whose streams are looked at again until the test ends.
func rechecked(t *testing.T, client *redis.Client) (*session.Streams, *register) {
	t.Helper()
	auth := &register{gone: map[string]bool{}, user: uuid.New()}
	log := slog.New(slog.DiscardHandler)
	store, streams := session.NewStore(client, auth, log), session.NewStreams()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { streams.Recheck(ctx, store, log); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	return streams, auth
}

// requireEnds waits for one stream to end, while the other goes on.
func requireEnds(t *testing.T, ending, staying context.Context) {
	t.Helper()
	select {
	case <-ending.Done():
	case <-time.After(patience):
		t.Fatal("the stream goes on")
	}
	require.NoError(t, staying.Err())
}

func TestARevocationWithoutAMessageStillEndsStreams(t *testing.T) {
	_, _, client := newStore(t)
	streams, _ := rechecked(t, client)
	mine, other := uuid.New(), uuid.New()
	ending, release := streams.Bind(t.Context(), mine)
	defer release()
	staying, releaseOther := streams.Bind(t.Context(), other)
	defer releaseOther()
	// The mark arrived, the message did not.
	require.NoError(t, client.Set(t.Context(), cachekey.SessionByID(mine.String()), cachekey.Revoked, time.Minute).Err())
	requireEnds(t, ending, staying)
}

func TestWhileRedisIsAwayAuthIsAskedAboutStreams(t *testing.T) {
	away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	defer away.Close()
	streams, auth := rechecked(t, away)
	mine, other := uuid.New(), uuid.New()
	ending, release := streams.Bind(t.Context(), mine)
	defer release()
	staying, releaseOther := streams.Bind(t.Context(), other)
	defer releaseOther()
	auth.end(mine.String())
	requireEnds(t, ending, staying)
}

func TestAnAPITokensStreamsEndWithIt(t *testing.T) {
	_, _, client := newStore(t)
	streams, auth := rechecked(t, client)
	bind := func(token string) (context.Context, func()) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		return streams.BindTo(t.Context(), session.Of(r, principal.Principal{Kind: principal.User, SessionID: uuid.New(), Scopes: []string{}}))
	}
	ending, release := bind("mine")
	defer release()
	staying, releaseOther := bind("another")
	defer releaseOther()
	sum := sha256.Sum256([]byte("mine"))
	auth.end(hex.EncodeToString(sum[:]))
	requireEnds(t, ending, staying)
}

// After Redis was away an entry may be one that a revocation failed to mark.
func TestEntriesFromBeforeAnOutageAreDoubted(t *testing.T) {
	store, auth, client := newStore(t)
	_, err := resolve(t, store)
	require.NoError(t, err)
	cut := &outage{}
	client.AddHook(cut)
	cut.away.Store(true)
	_, err = resolve(t, store)
	require.NoError(t, err)
	cut.away.Store(false)
	auth.err = apperr.New(apperr.Unauthenticated, "SESSION_INVALID", "Your session has ended.")
	p, err := resolve(t, store)
	require.NoError(t, err)
	require.Equal(t, principal.Anonymous, p.Kind)
}
