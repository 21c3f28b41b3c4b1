package rest

import (
	"context"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
)

// errShareEnded answers like a link that was taken back: a reader is not told
// how it stands with somebody's account.
var errShareEnded = apperr.New(apperr.NotFound, "SHARE_NOT_FOUND",
	"This link leads to nothing: it was taken back, or its conversation deleted.")

// sharing keeps what people share by link out of what others search, and shut
// while its owner is suspended. Chat knows nothing of suspensions; it names the
// owner, and auth is asked.
func sharing(auth authv1.AuthServiceClient) func(context.Context, http.ResponseWriter, proto.Message) error {
	return func(ctx context.Context, w http.ResponseWriter, answer proto.Message) error {
		if _, ok := answer.(*chatv1.Shared); !ok {
			return nil
		}
		w.Header().Set("X-Robots-Tag", "noindex")
		from, _ := runtime.ServerMetadataFromContext(ctx)
		owner := from.HeaderMD.Get(grpcx.MetadataOwner)
		if len(owner) != 1 {
			return errShareEnded
		}
		caller, _ := principal.From(ctx)
		asService := principal.With(ctx, principal.Principal{Kind: principal.Service, Client: caller.Client})
		standing, err := auth.GetStanding(asService, &authv1.GetStandingRequest{UserId: owner[0]})
		if err == nil && !standing.GetActive() {
			err = errShareEnded
		}
		return err
	}
}
