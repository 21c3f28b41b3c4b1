package program

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/lifecycle"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/tunnel"
)

// ServeTunnels adds a listener on which the gateway, and nobody else, opens
// byte streams to what dial reaches by id and port.
func ServeTunnels(b Base, listen string, dial func(context.Context, uuid.UUID, int) (net.Conn, error)) error {
	listener, err := Listen(listen)
	if err != nil {
		return err
	}
	leaving := drain.New(b.stop)
	server := &http.Server{
		ErrorLog: slog.NewLogLogger(b.Log.Handler(), slog.LevelDebug), // strangers' handshakes
		Handler:  tunnel.Handler(gatewayOnly(b.Verifier, dial), leaving, b.Log), ReadHeaderTimeout: 10 * time.Second,
	}
	server.RegisterOnShutdown(leaving.Leave)
	b.Group.Add("open tunnels", lifecycle.Func{OnStop: func(ctx context.Context) error {
		leaving.Leave() // where the server did not start
		leaving.Wait(ctx)
		return nil
	}})
	b.Group.Add("tunnels", &lifecycle.HTTP{Listener: b.endpoint.Listener(listener, "gateway"), Fail: b.Group.Fail, Server: server})
	return nil
}

var errTarget = apperr.New(apperr.NotFound, "WORKSPACE_NOT_FOUND", "There is no such workspace.")

func gatewayOnly(verifier *identity.Verifier, dial func(context.Context, uuid.UUID, int) (net.Conn, error)) tunnel.Open {
	return func(ctx context.Context, token, target string) (net.Conn, error) {
		caller, err := verifier.Verify(token)
		if err != nil {
			return nil, err
		}
		if caller.Kind != principal.Service {
			return nil, identity.ErrInvalid
		}
		host, number, err := net.SplitHostPort(target)
		if err != nil {
			return nil, errTarget
		}
		id, err := uuid.Parse(host)
		if err != nil {
			return nil, errTarget
		}
		port, err := strconv.ParseUint(number, 10, 16)
		if err != nil {
			return nil, errTarget
		}
		return dial(ctx, id, int(port))
	}
}
