package session

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

const (
	// batch is how many credentials are looked up in Redis at once, parallel how
	// many of them the auth service is asked about at once.
	batch, parallel = 500, 8
	// askPatience bounds one round of questions.
	askPatience = 2 * time.Second
)

// Credential is a session or an API token that can be checked again.
type Credential struct {
	id uuid.UUID
	// token is the hash of an API token; nil for a session.
	token []byte
}

// Of gives the credential by which the request's caller was let in.
func Of(r *http.Request, caller principal.Principal) Credential {
	if token, ok := Token(r); ok {
		return Credential{id: caller.SessionID, token: hash(token)}
	}
	return Credential{id: caller.SessionID}
}

func (c Credential) key() string {
	if c.token != nil {
		return cachekey.APIToken(hex.EncodeToString(c.token))
	}
	return cachekey.SessionByID(c.id.String())
}

func (s *Store) ask(ctx context.Context, c Credential) (*authv1.Holder, error) {
	if c.token != nil {
		answer, err := s.authority.ValidateAPIToken(ctx, &authv1.ValidateAPITokenRequest{TokenHash: c.token})
		return answer.GetHolder(), err
	}
	answer, err := s.authority.ValidateSession(ctx, &authv1.ValidateSessionRequest{
		Credential: &authv1.ValidateSessionRequest_SessionId{SessionId: c.id.String()},
	})
	return answer.GetHolder(), err
}

// ended gives the ids of those credentials that are no good any more. What
// nobody can tell now goes on.
func (s *Store) ended(ctx context.Context, credentials []Credential) []uuid.UUID {
	var ended []uuid.UUID
	for some := range slices.Chunk(credentials, batch) {
		ended = append(ended, s.endedOf(ctx, some)...)
	}
	return ended
}

func (s *Store) endedOf(ctx context.Context, credentials []Credential) (ended []uuid.UUID) {
	ctx, cancel := context.WithTimeout(ctx, askPatience)
	defer cancel()
	keys := make([]string, len(credentials))
	for i, c := range credentials {
		keys[i] = c.key()
	}
	entries, err := s.redis.MGet(ctx, keys...).Result()
	s.note(ctx, err)
	if err != nil {
		entries = make([]any, len(keys))
	}
	var mu sync.Mutex
	var questions errgroup.Group
	questions.SetLimit(parallel)
	for i, c := range credentials {
		if entries[i] == cachekey.Revoked {
			mu.Lock()
			ended = append(ended, c.id)
			mu.Unlock()
			continue
		}
		if entries[i] != nil && entries[i] != cachekey.Stale && !s.doubtful() {
			continue
		}
		questions.Go(func() error {
			if s.refused(ctx, c) {
				mu.Lock()
				defer mu.Unlock()
				ended = append(ended, c.id)
			}
			return nil
		})
	}
	_ = questions.Wait() // no question fails
	return ended
}

func (s *Store) refused(ctx context.Context, c Credential) bool {
	asked := time.Now()
	holder, err := s.ask(principal.With(ctx, principal.Principal{Kind: principal.Service}), c)
	if err == nil {
		if time.Since(asked) < cachekey.FreshFor {
			s.remember(ctx, c.key(), holder)
		}
		return false
	}
	var refusal *apperr.Error
	return errors.As(err, &refusal) && (refusal.Kind == apperr.Unauthenticated || refusal.Kind == apperr.PermissionDenied)
}
