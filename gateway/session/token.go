package session

import (
	"context"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/cachekey"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

// errToken refuses a request whose API token is no good, wherever that is known.
var errToken = apperr.New(apperr.Unauthenticated, "TOKEN_INVALID", "This API token is unknown, expired or revoked.")

// apiKeyRoutes take a token as x-api-key too, as the providers' own clients send it.
const apiKeyRoutes = "/api/ai/"

// Token gives the request's API token. A request that carries one is the
// token's, whatever cookie it has besides.
func Token(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token), true
	}
	if strings.HasPrefix(r.URL.Path, apiKeyRoutes) {
		key := r.Header.Get("X-Api-Key")
		return key, key != ""
	}
	return "", false
}

func (s *Store) resolveToken(ctx context.Context, token string) (principal.Principal, error) {
	sum := hash(token)
	holder, err := s.find(ctx, cachekey.APIToken(hex.EncodeToString(sum)), func(ctx context.Context) (*authv1.Holder, error) {
		answer, err := s.authority.ValidateAPIToken(ctx, &authv1.ValidateAPITokenRequest{TokenHash: sum})
		return answer.GetHolder(), err
	})
	if errors.Is(err, errRevoked) {
		err = errToken
	}
	if err != nil {
		return principal.Principal{}, err
	}
	caller, err := fromHolder(holder)
	caller.Scopes = append([]string{}, holder.GetScopes()...) // never nil, which would be every scope
	return caller, err
}
