package rest

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/grpcx"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"

	"atrium.internal/gateway/oidc"
	"atrium.internal/gateway/session"
)

// sessionCookie moves a new session's token, which auth sends beside its
// answer, into the cookie, so that no script ever sees it; and likewise what
// binds a login at a provider to the browser.
func sessionCookie(ctx context.Context, w http.ResponseWriter, answer proto.Message) error {
	if md, ok := runtime.ServerMetadataFromContext(ctx); ok {
		if token := md.HeaderMD.Get(grpcx.MetadataSessionToken); len(token) == 1 {
			session.SetCookie(w, token[0])
		}
		if binding := md.HeaderMD.Get(grpcx.MetadataOIDCBinding); len(binding) == 1 {
			oidc.SetBinding(w, binding[0])
		}
	}
	switch answer.(type) {
	case *authv1.LogoutResponse, *authv1.DeleteMeResponse:
		session.ClearCookie(w)
	}
	return nil
}
