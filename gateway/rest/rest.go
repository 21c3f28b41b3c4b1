package rest

import (
	"context"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/middleware/measure"
	"atrium.internal/gateway/problem"
)

var (
	errNoRoute  = apperr.New(apperr.NotFound, "ROUTE_NOT_FOUND", "There is nothing at this path.")
	errNoMethod = apperr.New(apperr.NotFound, "METHOD_NOT_FOUND", "This path does not take this method.")
	errBadPath  = apperr.New(apperr.InvalidArgument, "PATH_INVALID", "The path could not be read.")
)

// Conns are the connections to the services, already signed for their callers.
type Conns struct{ Auth, Chat, IDE, AI grpc.ClientConnInterface }

// JSON is how messages are written and read everywhere at the gateway.
// Unknown fields are ignored, as newer clients may send them.
var JSON = &runtime.JSONPb{
	MarshalOptions:   protojson.MarshalOptions{EmitUnpopulated: true},
	UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: true},
}

// New makes the handler of every route that the contracts annotate.
//
// opened is told of each way into a workspace's host that is handed out.
func New(ctx context.Context, conns Conns, opened func(url string)) (http.Handler, error) {
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, JSON),
		runtime.WithIncomingHeaderMatcher(incomingHeader),
		runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithErrorHandler(func(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
			problem.Write(w, r, err)
		}),
		runtime.WithRoutingErrorHandler(routingError),
		runtime.WithMiddlewares(measure.Contract),
		runtime.WithForwardResponseOption(sessionCookie),
		runtime.WithForwardResponseOption(noStore),
		runtime.WithForwardResponseOption(sharing(authv1.NewAuthServiceClient(conns.Auth))),
		runtime.WithForwardResponseOption(func(_ context.Context, _ http.ResponseWriter, answer proto.Message) error {
			if way, ok := answer.(*idev1.OpenWorkspaceResponse); ok {
				opened(way.GetUrl())
			}
			return nil
		}),
	)
	auth, chat := authv1.NewAuthServiceClient(conns.Auth), chatv1.NewChatServiceClient(conns.Chat)
	workspaces, code := idev1.NewWorkspaceServiceClient(conns.IDE), idev1.NewCodeServiceClient(conns.IDE)
	for _, register := range []func() error{
		func() error { return authv1.RegisterAuthServiceHandlerClient(ctx, mux, auth) },
		func() error {
			return authv1.RegisterUserServiceHandlerClient(ctx, mux, authv1.NewUserServiceClient(conns.Auth))
		},
		func() error {
			return authv1.RegisterAdminServiceHandlerClient(ctx, mux, authv1.NewAdminServiceClient(conns.Auth))
		},
		func() error {
			return authv1.RegisterAnnouncementServiceHandlerClient(ctx, mux, authv1.NewAnnouncementServiceClient(conns.Auth))
		},
		func() error { return chatv1.RegisterChatServiceHandlerClient(ctx, mux, chat) },
		func() error { return idev1.RegisterWorkspaceServiceHandlerClient(ctx, mux, workspaces) },
		func() error {
			return idev1.RegisterWorkspaceAdminServiceHandlerClient(ctx, mux, idev1.NewWorkspaceAdminServiceClient(conns.IDE))
		},
		func() error {
			return idev1.RegisterWindowServiceHandlerClient(ctx, mux, idev1.NewWindowServiceClient(conns.IDE))
		},
		func() error {
			return idev1.RegisterFileServiceHandlerClient(ctx, mux, idev1.NewFileServiceClient(conns.IDE))
		},
		func() error {
			return idev1.RegisterEditorSettingsServiceHandlerClient(ctx, mux, idev1.NewEditorSettingsServiceClient(conns.IDE))
		},
		func() error { return idev1.RegisterCodeServiceHandlerClient(ctx, mux, code) },
		func() error {
			return aiv1.RegisterUsageAdminServiceHandlerClient(ctx, mux, aiv1.NewUsageAdminServiceClient(conns.AI))
		},
		func() error { return aiv1.RegisterAIServiceHandlerClient(ctx, mux, aiv1.NewAIServiceClient(conns.AI)) },
	} {
		if err := register(); err != nil {
			return nil, err
		}
	}
	return mux, nil
}

// incomingHeader lets one header through; identity and address are the
// gateway's own to say.
func incomingHeader(name string) (string, bool) {
	if strings.EqualFold(name, grpcx.MetadataIdempotencyKey) {
		return grpcx.MetadataIdempotencyKey, true
	}
	return "", false
}

func routingError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, code int) {
	switch code {
	case http.StatusMethodNotAllowed:
		problem.Write(w, r, errNoMethod)
	case http.StatusBadRequest:
		problem.Write(w, r, errBadPath)
	default:
		problem.Write(w, r, errNoRoute)
	}
}

// noStore keeps private answers out of every cache.
func noStore(_ context.Context, w http.ResponseWriter, _ proto.Message) error {
	w.Header().Set("Cache-Control", "no-store")
	return nil
}
