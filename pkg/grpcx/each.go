package grpcx

import (
	"errors"
	"io"
	"slices"

	"google.golang.org/grpc"
)

// Inline is a stream within a process. Whoever sends on it runs what is to be done
// with the message, so that no other goroutine is woken for each.
type Inline interface {
	// Serve has next, which receives one message and handles it, called for every
	// message until it fails, and gives its error. It is not called concurrently.
	Serve(next func() error) error
}

// EachRequest handles what a client sends until there is no more (io.EOF) or handle
// fails, and gives the reason. Handle may run in the goroutine of whoever sends: what it
// waits for, he waits for.
func EachRequest[Req, Res any](stream grpc.BidiStreamingServer[Req, Res], handle func(*Req) error) error {
	var under grpc.ServerStream = stream
	if g, ok := stream.(*grpc.GenericServerStream[Req, Res]); ok {
		under = g.ServerStream
	}
	for {
		wrapped, ok := under.(interface{ unwrap() grpc.ServerStream })
		if !ok {
			break
		}
		under = wrapped.unwrap()
	}
	return each(under, stream.Recv, handle)
}

// WhereRead is for a call whose replies EachReply handles: within a process its
// handler runs there, too, instead of in a goroutine that would have to be woken. An
// error of handle ends such a call, and whoever leaves waits until the handler has
// noticed. Over a network nothing changes.
func WhereRead() grpc.CallOption { return whereRead{} }

type whereRead struct{ grpc.EmptyCallOption }

// RunsWhereRead says whether WhereRead is among the options of a call.
func RunsWhereRead(options []grpc.CallOption) bool {
	return slices.ContainsFunc(options, func(o grpc.CallOption) bool { _, is := o.(whereRead); return is })
}

// EachReply is EachRequest for the client's side. What is wrong with the stream is
// an error of package apperr.
func EachReply[Req, Res any](stream grpc.ServerStreamingClient[Res], handle func(*Res) error) error {
	var under grpc.ClientStream = stream
	if g, ok := stream.(*grpc.GenericClientStream[Req, Res]); ok {
		under = g.ClientStream
	}
	return each(under, func() (*Res, error) {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return m, FromStatus(err)
	}, handle)
}

func each[M any](under any, receive func() (*M, error), handle func(*M) error) error {
	next := func() error {
		m, err := receive()
		if err != nil {
			return err
		}
		return handle(m)
	}
	if s, ok := under.(Inline); ok {
		return s.Serve(next)
	}
	for {
		if err := next(); err != nil {
			return err
		}
	}
}
