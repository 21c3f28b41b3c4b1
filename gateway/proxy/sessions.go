package proxy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/cachekey"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/session"
)

// cacheTTL bounds how long a gateway may serve a workspace cookie without
// asking the ide service again.
const cacheTTL = 60 * time.Second

var errNoSession = apperr.New(apperr.Unauthenticated, "WORKSPACE_SESSION_MISSING",
	"You are not signed in to this workspace, or the session has ended.")

// Sessions tells who a workspace host's cookie stands for.
type Sessions struct {
	redis    *redis.Client
	ide      idev1.WorkspaceServiceClient
	platform *session.Store
	log      *slog.Logger
}

// NewSessions returns the finder; platform is asked whether the session that
// opened the workspace still lives.
func NewSessions(client *redis.Client, ide idev1.WorkspaceServiceClient, platform *session.Store, log *slog.Logger) *Sessions {
	return &Sessions{redis: client, ide: ide, platform: platform, log: log}
}

// Holder is who may use a workspace's host.
type Holder struct {
	Workspace uuid.UUID
	// Port of the workspace that the host stands for; 0 is its VS Code.
	Port int
	// User is who opened it, Session the platform session that opened the workspace.
	User, Session uuid.UUID
	// Visitor says that the port is somebody else's, and shared at this moment.
	Visitor bool
	// owner is who calls the ide service when the workspace is to be started.
	owner principal.Principal
}

// Resolve gives the holder of the request's workspace cookie on this very
// host, or an Unauthenticated error.
func (s *Sessions) Resolve(ctx context.Context, r *http.Request) (Holder, error) {
	cookie, err := r.Cookie(CookieName)
	if err != nil || cookie.Value == "" {
		return Holder{}, errNoSession
	}
	sum := sha256.Sum256([]byte(cookie.Value))
	entry, err := s.find(ctx, sum[:])
	if err != nil {
		return Holder{}, err
	}
	if entry.GetHost() != r.Host || time.Now().After(entry.GetExpiresAt().AsTime()) {
		return Holder{}, errNoSession
	}
	owner, err := s.platform.ResolveID(ctx, entry.GetSessionId())
	if err != nil {
		return Holder{}, err
	}
	if owner.Kind != principal.User || owner.UserID.String() != entry.GetUserId() {
		return Holder{}, errNoSession
	}
	workspace, err := uuid.Parse(entry.GetWorkspaceId())
	if err != nil {
		return Holder{}, err
	}
	return Holder{Workspace: workspace, Port: int(entry.GetPort()), User: owner.UserID, Session: owner.SessionID, Visitor: entry.GetVisitor(), owner: owner}, nil
}

func (s *Sessions) find(ctx context.Context, sum []byte) (*idev1.ValidateWorkspaceSessionResponse, error) {
	key := cachekey.WorkspaceSession(hex.EncodeToString(sum))
	var entry idev1.ValidateWorkspaceSessionResponse
	if raw, err := s.redis.Get(ctx, key).Bytes(); err == nil && proto.Unmarshal(raw, &entry) == nil {
		return &entry, nil
	}
	asService := principal.With(ctx, principal.Principal{Kind: principal.Service})
	answer, err := s.ide.ValidateWorkspaceSession(asService, &idev1.ValidateWorkspaceSessionRequest{TokenHash: sum})
	if err != nil {
		return nil, err
	}
	if answer.GetVisitor() { // what its owner takes back must end at once
		return answer, nil
	}
	raw, err := proto.Marshal(answer)
	if err == nil {
		err = s.redis.Set(ctx, key, raw, cacheTTL).Err()
	}
	if err != nil {
		s.log.DebugContext(ctx, "workspace session cache not filled", "error", err)
	}
	return answer, nil
}
