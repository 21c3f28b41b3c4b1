package rest

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
)

// register knows who may act.
type register struct {
	authv1.AuthServiceClient
	active map[string]bool
	err    error
	asked  principal.Kind
}

func (r *register) GetStanding(ctx context.Context, in *authv1.GetStandingRequest, _ ...grpc.CallOption) (*authv1.GetStandingResponse, error) {
	caller, _ := principal.From(ctx)
	r.asked = caller.Kind
	return &authv1.GetStandingResponse{Active: r.active[in.GetUserId()]}, r.err
}

func TestALinkIsOpenOnlyWhileItsOwnerMayAct(t *testing.T) {
	ada, ben := uuid.NewString(), uuid.NewString()
	auth := &register{active: map[string]bool{ada: true}}
	show := func(owner ...string) error {
		md := metadata.MD{}
		md.Append(grpcx.MetadataOwner, owner...)
		ctx := runtime.NewServerMetadataContext(t.Context(), runtime.ServerMetadata{HeaderMD: md})
		w := httptest.NewRecorder()
		err := sharing(auth)(ctx, w, &chatv1.Shared{})
		require.Equal(t, "noindex", w.Header().Get("X-Robots-Tag"))
		require.NotContains(t, w.Header(), grpcx.MetadataOwner)
		return err
	}
	require.NoError(t, show(ada))
	require.Equal(t, principal.Service, auth.asked)
	require.ErrorIs(t, show(ben), errShareEnded)
	require.ErrorIs(t, show(), errShareEnded, "nobody's")
	auth.err = apperr.New(apperr.Unavailable, "AWAY", "Not now.")
	require.ErrorIs(t, show(ada), auth.err, "what is not known is not open")

	w := httptest.NewRecorder()
	require.NoError(t, sharing(nil)(t.Context(), w, &chatv1.Conversation{}))
	require.Empty(t, w.Header())
}
