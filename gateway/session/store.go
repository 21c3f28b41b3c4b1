package session

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/proto/usd"
)

// cacheTTL bounds how long a gateway may serve a session without asking auth
// again. It also sets how often auth learns of the session's activity.
const cacheTTL = 60 * time.Second

// Authority answers what the cache doesn't know.
type Authority interface {
	// ValidateSession gives the holder, or an Unauthenticated error.
	ValidateSession(ctx context.Context, in *authv1.ValidateSessionRequest, opts ...grpc.CallOption) (*authv1.ValidateSessionResponse, error)
	// ValidateAPIToken gives the holder, or an Unauthenticated or PermissionDenied error.
	ValidateAPIToken(ctx context.Context, in *authv1.ValidateAPITokenRequest, opts ...grpc.CallOption) (*authv1.ValidateAPITokenResponse, error)
}

// Store finds the holders of sessions.
type Store struct {
	redis     *redis.Client
	authority Authority
	log       *slog.Logger
	recent    *recent
	// doubtUntil is a Unix time in nanoseconds, see doubt.
	doubtUntil atomic.Int64
}

// NewStore returns a store; redis may be away at any time.
func NewStore(client *redis.Client, authority Authority, log *slog.Logger) *Store {
	return &Store{redis: client, authority: authority, log: log, recent: newRecent()}
}

// Resolve gives the holder of the request's API token, or else of its cookie.
// With neither, or with a cookie that is no longer good, it is an anonymous
// caller; a token that is no good is an Unauthenticated error, and one of a
// suspended account PermissionDenied. Unavailable means that nobody can tell now.
func (s *Store) Resolve(ctx context.Context, r *http.Request) (principal.Principal, error) {
	if token, ok := Token(r); ok {
		return s.resolveToken(ctx, token)
	}
	cookie, err := r.Cookie(CookieName)
	if err != nil || cookie.Value == "" {
		return anonymous, nil //nolint:nilerr // the only error is that there is none
	}
	sum := hash(cookie.Value)
	return s.session(ctx, cachekey.Session(hex.EncodeToString(sum)), &authv1.ValidateSessionRequest{
		Credential: &authv1.ValidateSessionRequest_TokenHash{TokenHash: sum},
	})
}

// ResolveID gives the holder of the platform session of that id, likewise.
func (s *Store) ResolveID(ctx context.Context, id string) (principal.Principal, error) {
	return s.session(ctx, cachekey.SessionByID(id), &authv1.ValidateSessionRequest{
		Credential: &authv1.ValidateSessionRequest_SessionId{SessionId: id},
	})
}

var anonymous = principal.Principal{Kind: principal.Anonymous}

func (s *Store) session(ctx context.Context, key string, question *authv1.ValidateSessionRequest) (principal.Principal, error) {
	holder, err := s.find(ctx, key, func(ctx context.Context) (*authv1.Holder, error) {
		answer, err := s.authority.ValidateSession(ctx, question)
		return answer.GetHolder(), err
	})
	var refusal *apperr.Error
	if errors.As(err, &refusal) && refusal.Kind == apperr.Unauthenticated {
		return anonymous, nil
	}
	if err != nil {
		return principal.Principal{}, err
	}
	return fromHolder(holder)
}

// errRevoked says that the cache knows the credential to be no good.
var errRevoked = apperr.New(apperr.Unauthenticated, "REVOKED", "This credential was revoked.")

// find gives a credential's holder from the cache or else from ask, which
// calls the authority.
func (s *Store) find(ctx context.Context, key string, ask func(context.Context) (*authv1.Holder, error)) (*authv1.Holder, error) {
	if holder, ok := s.recent.get(key); ok && !s.doubtful() {
		return holder, nil
	}
	epoch := s.recent.epoch.Load()
	entry, err := s.redis.Get(ctx, key).Bytes()
	stale := err == nil && string(entry) == cachekey.Stale
	if err == nil && !stale {
		if string(entry) == cachekey.Revoked {
			return nil, errRevoked
		}
		var holder authv1.Holder
		if err := proto.Unmarshal(entry, &holder); err == nil && left(&holder) > 0 && !s.doubtful() {
			s.recent.put(key, &holder, epoch)
			return &holder, nil
		}
	}
	asked := time.Now()
	holder, err := ask(asService(ctx))
	if err != nil {
		return nil, err
	}
	if !stale && time.Since(asked) < cachekey.FreshFor {
		s.remember(ctx, key, holder)
	}
	return holder, nil
}

// asService is a context for asking on nobody's behalf, about a credential that
// the context's client came with.
func asService(ctx context.Context) context.Context {
	caller, _ := principal.From(ctx)
	return principal.With(ctx, principal.Principal{Kind: principal.Service, Client: caller.Client})
}

// Forget makes the next look at each session one at Redis. It is called where
// something may have ended sessions, before anybody is told of it.
func (s *Store) Forget() { s.recent.forget() }

// remember fills the cache, but never over a revocation or a change that came
// meanwhile.
func (s *Store) remember(ctx context.Context, key string, holder *authv1.Holder) {
	entry, err := proto.Marshal(holder)
	if err == nil {
		err = s.redis.SetNX(ctx, key, entry, min(cacheTTL, left(holder))).Err()
		s.note(ctx, err)
	}
	if err != nil {
		s.log.DebugContext(ctx, "session cache not filled", "error", err)
	}
}

// left is how long a holder's credential is still good, as far as a cache cares.
func left(holder *authv1.Holder) time.Duration {
	if holder.GetExpiresAt() == nil {
		return cacheTTL
	}
	return time.Until(holder.GetExpiresAt().AsTime())
}

func fromHolder(h *authv1.Holder) (principal.Principal, error) {
	user, err := uuid.Parse(h.GetUserId())
	if err != nil {
		return principal.Principal{}, err
	}
	id, err := uuid.Parse(h.GetSessionId())
	if err != nil {
		return principal.Principal{}, err
	}
	plan := h.GetPlan()
	if plan == nil {
		plan = &authv1.Plan{}
	}
	return principal.Principal{
		Kind: principal.User, UserID: user, SessionID: id, Username: h.GetUsername(), Roles: h.GetRoles(),
		MustChangePassword: h.GetMustChangePassword(),
		Plan: principal.Plan{
			Name: plan.GetName(), AITokensMonthly: plan.GetAiTokensMonthly(), IDESecondsMonthly: plan.GetIdeSecondsMonthly(),
			StorageBytes: plan.GetStorageBytes(), CPUMillis: plan.GetCpuMillis(), MemoryBytes: plan.GetMemoryBytes(),
			Workspaces: plan.GetWorkspaces(), Isolation: plan.GetIsolation(), AIBudgetMonthly: usd.ReadBudget(plan.MonthlyBudgetUsd),
		},
	}, nil
}
