package session

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

// cacheTTL bounds how long a gateway may serve a session without asking auth
// again. It also sets how often auth learns of the session's activity.
const cacheTTL = 60 * time.Second

// Authority answers what the cache doesn't know.
type Authority interface {
	// ValidateSession gives the holder, or an Unauthenticated error.
	ValidateSession(ctx context.Context, in *authv1.ValidateSessionRequest, opts ...grpc.CallOption) (*authv1.ValidateSessionResponse, error)
}

// Store finds the holders of sessions.
type Store struct {
	redis     *redis.Client
	authority Authority
	log       *slog.Logger
}

// NewStore returns a store; redis may be away at any time.
func NewStore(client *redis.Client, authority Authority, log *slog.Logger) *Store {
	return &Store{redis: client, authority: authority, log: log}
}

// Resolve gives the holder of the request's cookie. Without a cookie, or with
// one that is no longer good, it is an anonymous caller. Unavailable means that
// nobody can tell now.
func (s *Store) Resolve(ctx context.Context, r *http.Request) (principal.Principal, error) {
	cookie, err := r.Cookie(CookieName)
	if err != nil || cookie.Value == "" {
		return principal.Principal{Kind: principal.Anonymous}, nil //nolint:nilerr // the only error is that there is none
	}
	sum := hash(cookie.Value)
	return s.find(ctx, cachekey.Session(hex.EncodeToString(sum)), &authv1.ValidateSessionRequest{
		Credential: &authv1.ValidateSessionRequest_TokenHash{TokenHash: sum},
	})
}

// ResolveID gives the holder of the platform session of that id, likewise.
func (s *Store) ResolveID(ctx context.Context, id string) (principal.Principal, error) {
	return s.find(ctx, cachekey.SessionByID(id), &authv1.ValidateSessionRequest{
		Credential: &authv1.ValidateSessionRequest_SessionId{SessionId: id},
	})
}

func (s *Store) find(ctx context.Context, key string, ask *authv1.ValidateSessionRequest) (principal.Principal, error) {
	anonymous := principal.Principal{Kind: principal.Anonymous}
	entry, err := s.redis.Get(ctx, key).Bytes()
	if err == nil {
		if string(entry) == cachekey.Revoked {
			return anonymous, nil
		}
		var holder authv1.Holder
		if err := proto.Unmarshal(entry, &holder); err == nil && time.Now().Before(holder.GetExpiresAt().AsTime()) {
			return fromHolder(&holder)
		}
	}
	answer, err := s.authority.ValidateSession(principal.With(ctx, principal.Principal{Kind: principal.Service}), ask)
	var refusal *apperr.Error
	if errors.As(err, &refusal) && refusal.Kind == apperr.Unauthenticated {
		return anonymous, nil
	}
	if err != nil {
		return principal.Principal{}, err
	}
	s.remember(ctx, key, answer.GetHolder())
	return fromHolder(answer.GetHolder())
}

// remember fills the cache, but never over a revocation that came meanwhile.
func (s *Store) remember(ctx context.Context, key string, holder *authv1.Holder) {
	entry, err := proto.Marshal(holder)
	if err == nil {
		err = s.redis.SetNX(ctx, key, entry, min(cacheTTL, time.Until(holder.GetExpiresAt().AsTime()))).Err()
	}
	if err != nil {
		s.log.DebugContext(ctx, "session cache not filled", "error", err)
	}
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
	return principal.Principal{
		Kind: principal.User, UserID: user, SessionID: id, Username: h.GetUsername(), Roles: h.GetRoles(),
		Plan: principal.Plan{
			Name: plan.GetName(), AITokensMonthly: plan.GetAiTokensMonthly(), IDESecondsMonthly: plan.GetIdeSecondsMonthly(),
			StorageBytes: plan.GetStorageBytes(), CPUMillis: plan.GetCpuMillis(), MemoryBytes: plan.GetMemoryBytes(),
			Workspaces: plan.GetWorkspaces(), Isolation: plan.GetIsolation(),
		},
	}, nil
}
