package session_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/redisdb"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/pkg/testkit/redistest"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"

	"atrium.internal/gateway/session"
)

func TestMain(m *testing.M) { leak.Main(m) }

const token = "a-token"

// authority stands for the auth service, and counts what it is asked.
type authority struct {
	user, session uuid.UUID
	err           error
	asked         int
	// scopes are those of the API token.
	scopes []string
	// meanwhile runs while the question is under way.
	meanwhile func()
}

func (a *authority) ValidateSession(context.Context, *authv1.ValidateSessionRequest, ...grpc.CallOption) (*authv1.ValidateSessionResponse, error) {
	a.asked++
	if a.err != nil {
		return nil, a.err
	}
	if a.meanwhile != nil {
		a.meanwhile()
	}
	return &authv1.ValidateSessionResponse{Holder: &authv1.Holder{
		UserId: a.user.String(), SessionId: a.session.String(), Username: "ada",
		Plan: &authv1.Plan{Name: "free", AiTokensMonthly: 5}, ExpiresAt: timestamppb.New(time.Now().Add(time.Hour)),
	}}, nil
}

func (a *authority) ValidateAPIToken(context.Context, *authv1.ValidateAPITokenRequest, ...grpc.CallOption) (*authv1.ValidateAPITokenResponse, error) {
	a.asked++
	if a.err != nil {
		return nil, a.err
	}
	if a.meanwhile != nil {
		a.meanwhile()
	}
	return &authv1.ValidateAPITokenResponse{Holder: &authv1.Holder{
		UserId: a.user.String(), SessionId: a.session.String(), Username: "ada", Scopes: a.scopes,
	}}, nil
}

func newStore(t *testing.T) (*session.Store, *authority, *redis.Client) {
	t.Helper()
	client, err := redisdb.Open(redistest.New(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	a := &authority{user: uuid.New(), session: uuid.New()}
	return session.NewStore(client, a, slog.New(slog.DiscardHandler)), a, client
}

func resolve(t *testing.T, s *session.Store) (principal.Principal, error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Cookie", session.CookieName+"="+token)
	return s.Resolve(t.Context(), r)
}

func key() string {
	sum := sha256.Sum256([]byte(token))
	return cachekey.Session(hex.EncodeToString(sum[:]))
}

func TestAuthIsAskedOnceAndAgainAfterAFlush(t *testing.T) {
	store, auth, client := newStore(t)
	for range 3 {
		p, err := resolve(t, store)
		require.NoError(t, err)
		require.Equal(t, auth.user, p.UserID)
		require.Equal(t, principal.Plan{Name: "free", AITokensMonthly: 5, AIBudgetMonthly: -1}, p.Plan)
	}
	require.Equal(t, 1, auth.asked)
	require.NoError(t, client.FlushAll(t.Context()).Err())
	store.Forget() // as time does
	p, err := resolve(t, store)
	require.NoError(t, err)
	require.Equal(t, principal.User, p.Kind, "nobody is logged out by a flush")
	require.Equal(t, 2, auth.asked)
}

func TestARevokedSessionStaysRevokedThoughAnAnswerIsLate(t *testing.T) {
	store, auth, client := newStore(t)
	auth.meanwhile = func() { // revoked after auth looked, before the cache is filled
		require.NoError(t, client.Set(t.Context(), key(), cachekey.Revoked, time.Minute).Err())
	}
	_, err := resolve(t, store)
	require.NoError(t, err)
	p, err := resolve(t, store)
	require.NoError(t, err)
	require.Equal(t, principal.Anonymous, p.Kind)
	require.Equal(t, 1, auth.asked)
}

func TestASessionThatWasJustSeenIsForgottenWhenOneEnds(t *testing.T) {
	store, _, client := newStore(t)
	following, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { session.NewStreams().Follow(following, store, slog.New(slog.DiscardHandler)); close(ended) }()
	defer func() { stop(); <-ended }()
	seen := func() principal.Kind {
		p, err := resolve(t, store)
		require.NoError(t, err)
		return p.Kind
	}
	remember := func() {
		require.NoError(t, client.FlushAll(t.Context()).Err())
		store.Forget()
		for range 2 { // from auth, then from Redis
			require.Equal(t, principal.User, seen())
		}
	}
	revoke := func() { require.NoError(t, client.Set(t.Context(), key(), cachekey.Revoked, time.Minute).Err()) }

	remember()
	revoke()
	store.Forget()
	require.Equal(t, principal.Anonymous, seen(), "by whoever answers the revoking request")
	remember()
	revoke()
	require.Eventually(t, func() bool { return seen() == principal.Anonymous }, 5*time.Second, 10*time.Millisecond, "by itself, soon")
	remember()
	revoke()
	require.NoError(t, client.Publish(t.Context(), cachekey.RevokedChannel, "[]").Err())
	require.Eventually(t, func() bool { return seen() == principal.Anonymous }, 5*time.Second, time.Millisecond, "by the message")
}

// What was read before a revocation must not be remembered after it.
func TestALateReadIsNotRemembered(t *testing.T) {
	store, _, client := newStore(t)
	for range 2 {
		_, err := resolve(t, store)
		require.NoError(t, err)
	}
	store.Forget()
	reads := 0
	client.AddHook(&afterGet{func() {
		if reads++; reads == 1 {
			require.NoError(t, client.Set(t.Context(), key(), cachekey.Revoked, time.Minute).Err())
			store.Forget()
		}
	}})
	p, err := resolve(t, store)
	require.NoError(t, err)
	require.Equal(t, principal.User, p.Kind, "it was read just before")
	p, err = resolve(t, store)
	require.NoError(t, err)
	require.Equal(t, principal.Anonymous, p.Kind)
}

// afterGet runs once a GET has its answer.
type afterGet struct{ run func() }

func (h *afterGet) DialHook(next redis.DialHook) redis.DialHook { return next }
func (h *afterGet) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (h *afterGet) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if cmd.Name() == "get" {
			h.run()
		}
		return err
	}
}

func TestWithoutRedisAuthServes(t *testing.T) {
	auth := &authority{user: uuid.New(), session: uuid.New()}
	away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	defer away.Close()
	store := session.NewStore(away, auth, slog.New(slog.DiscardHandler))
	p, err := resolve(t, store)
	require.NoError(t, err)
	require.Equal(t, auth.user, p.UserID)
}

func TestWhenNobodyCanTellNobodyIsLetIn(t *testing.T) {
	store, auth, _ := newStore(t)
	auth.err = apperr.New(apperr.Unavailable, "DATABASE_UNAVAILABLE", "Try again.")
	_, err := resolve(t, store)
	require.ErrorIs(t, err, auth.err)
	auth.err = errors.New("broken")
	_, err = resolve(t, store)
	require.Error(t, err)
	auth.err = apperr.New(apperr.Unauthenticated, "SESSION_ENDED", "Ended.")
	p, err := resolve(t, store)
	require.NoError(t, err)
	require.Equal(t, principal.Anonymous, p.Kind)
}

func TestStreamsEndWithTheirSession(t *testing.T) {
	store, _, client := newStore(t)
	streams := session.NewStreams()
	following, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { streams.Follow(following, store, slog.New(slog.DiscardHandler)); close(ended) }()
	defer func() { stop(); <-ended }()

	mine, other := uuid.New(), uuid.New()
	ctx, release := streams.Bind(t.Context(), mine)
	defer release()
	theirs, releaseTheirs := streams.Bind(t.Context(), other)
	defer releaseTheirs()
	require.Eventually(t, func() bool { // until the subscription stands
		client.Publish(t.Context(), cachekey.RevokedChannel, `["`+mine.String()+`"]`)
		return ctx.Err() != nil
	}, 5*time.Second, 10*time.Millisecond)
	require.NoError(t, theirs.Err())
}
