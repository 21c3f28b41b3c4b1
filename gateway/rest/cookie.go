package rest

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/grpcx"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"

	"atrium.internal/gateway/session"
)

// sessionCookie moves a new session's token, which auth sends beside its
// answer, into the cookie, so that no script ever sees it.
func sessionCookie(ctx context.Context, w http.ResponseWriter, answer proto.Message) error {
	if md, ok := runtime.ServerMetadataFromContext(ctx); ok {
		if token := md.HeaderMD.Get(grpcx.MetadataSessionToken); len(token) == 1 {
			session.SetCookie(w, token[0])
		}
	}
	if _, ok := answer.(*authv1.LogoutResponse); ok {
		session.ClearCookie(w)
	}
	return nil
}
