package lifecycle

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"google.golang.org/grpc"
)

// GRPC is a gRPC server as a part: it serves once started, and on Stop lets
// running calls end as long as the context allows.
type GRPC struct {
	Server   *grpc.Server
	Listener net.Listener
	// Fail is told when serving ends by itself.
	Fail func(error)
	// Leave, if it is there, is called when the server begins to stop; it sends
	// away the calls that would not end by themselves.
	Leave func()

	serving sync.WaitGroup
}

// Start begins to serve.
func (g *GRPC) Start(context.Context) error {
	g.serving.Go(func() {
		if err := g.Server.Serve(g.Listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			g.Fail(err)
		}
	})
	return nil
}

// Stop drains, then cuts.
func (g *GRPC) Stop(ctx context.Context) error {
	if g.Leave != nil {
		g.Leave()
	}
	drained := make(chan struct{})
	go func() { g.Server.GracefulStop(); close(drained) }() // ended by Stop below
	select {
	case <-drained:
	case <-ctx.Done():
		g.Server.Stop()
		<-drained
	}
	g.serving.Wait()
	return nil
}

// HTTP is an HTTP server as a part, likewise.
type HTTP struct {
	Server   *http.Server
	Listener net.Listener
	// Fail is told when serving ends by itself.
	Fail func(error)

	serving sync.WaitGroup
}

// Start begins to serve.
func (h *HTTP) Start(context.Context) error {
	h.serving.Go(func() {
		if err := h.Server.Serve(h.Listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			h.Fail(err)
		}
	})
	return nil
}

// Stop drains, then cuts.
func (h *HTTP) Stop(ctx context.Context) error {
	if err := h.Server.Shutdown(ctx); err != nil {
		_ = h.Server.Close() // cutting is what is left
	}
	h.serving.Wait()
	return nil
}
