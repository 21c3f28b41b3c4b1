package inproc

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"atrium.internal/pkg/grpcx"
)

// client makes calls of a server as a named service. Its errors are the
// platform's own, as those of grpcx.Dial are.
type client struct {
	server *Server
	caller string
	stats  stats.Handler
}

// ConnectAs makes a connection for the named service. It may be made before the
// server starts.
func (s *Server) ConnectAs(service string) grpc.ClientConnInterface {
	return &client{server: s, caller: service, stats: grpcx.ClientStats()}
}

// begin tells the statistics of a call; the context is the call's.
func (c *client) begin(ctx context.Context, name string) (_ context.Context, end func(error)) {
	ctx = c.stats.TagRPC(ctx, &stats.RPCTagInfo{FullMethodName: name})
	began := time.Now()
	c.stats.HandleRPC(ctx, &stats.Begin{Client: true, BeginTime: began})
	return ctx, func(err error) {
		c.stats.HandleRPC(ctx, &stats.End{Client: true, BeginTime: began, EndTime: time.Now(), Error: err})
	}
}

// Invoke makes a call with one message in each direction. When ctx ends, it
// returns as soon as the handler has noticed.
func (c *client) Invoke(ctx context.Context, name string, request, reply any, options ...grpc.CallOption) error {
	ctx, end := c.begin(ctx, name)
	err := c.invoke(ctx, name, request, reply, options)
	end(err)
	return grpcx.FromStatus(err)
}

func (c *client) invoke(ctx context.Context, name string, request, reply any, options []grpc.CallOption) error {
	if err := ctx.Err(); err != nil {
		return status.FromContextError(err).Err()
	}
	text, err := encode(request)
	if err != nil {
		return err
	}
	call, err := c.server.enter(ctx, name, c.caller)
	if err != nil {
		return err
	}
	if call.unary == nil {
		err := status.Errorf(codes.Unimplemented, "%s is a stream", name)
		call.leave(err)
		return err
	}
	// In the caller's goroutine: another one would have to grow its stack for each
	// call, and a processor be woken to look for it.
	answer, err := call.answer(c.server, text)
	call.leave(err)
	call.header.tell(options)
	switch {
	case err == nil:
		return decode(answer, reply)
	case ctx.Err() != nil: // whatever the handler made of that
		return status.FromContextError(ctx.Err()).Err()
	}
	return err
}

func (c *call) answer(s *Server, request []byte) ([]byte, error) {
	reply, err := c.unary(c.service, c.ctx, func(m any) error { return decode(request, m) }, s.unary)
	if err != nil {
		return nil, err
	}
	return encode(reply)
}

// tell hands header and trailer to whoever asked for them.
func (h *header) tell(options []grpc.CallOption) {
	md, trailer := h.get()
	for _, option := range options {
		switch o := option.(type) {
		case grpc.HeaderCallOption:
			*o.HeaderAddr = metadata.Join(md)
		case grpc.TrailerCallOption:
			*o.TrailerAddr = metadata.Join(trailer)
		}
	}
}
