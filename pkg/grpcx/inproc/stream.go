package inproc

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"atrium.internal/pkg/grpcx"
)

// ahead is how many messages either side may send before the other takes them.
const ahead = 16

// pipe is a stream between both sides.
type pipe struct {
	call     *call
	requests way
	replies  way
	// over is closed when the handler has returned, with err.
	over chan struct{}
	err  error
	// closed is closed when the client has said that it sends no more.
	closed chan struct{}
}

// way is one direction of it.
type way struct {
	messages chan []byte

	mu sync.Mutex
	// take handles the next message in the sender's goroutine; nil when the receiver
	// asks for it.
	take func()
}

// sent has what was sent handled, where the receiver wants that.
func (w *way) sent() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.take != nil {
		w.take()
	}
}

// serve is Inline.Serve; over or left end it when nothing more will come, after
// which next gives the reason.
func (w *way) serve(next func() error, over, left <-chan struct{}) error {
	failed := make(chan error, 1)
	take := func() {
		for w.take != nil && len(w.messages) > 0 {
			if err := next(); err != nil {
				w.take = nil
				failed <- err
			}
		}
	}
	w.mu.Lock()
	w.take = take
	take() // what came before
	w.mu.Unlock()
	select {
	case err := <-failed:
		return err
	case <-over:
	case <-left:
	}
	w.mu.Lock()
	w.take = nil
	w.mu.Unlock()
	select {
	case err := <-failed:
		return err
	default:
	}
	for {
		if err := next(); err != nil {
			return err
		}
	}
}

// NewStream begins a call with many messages.
func (c *client) NewStream(ctx context.Context, desc *grpc.StreamDesc, name string, options ...grpc.CallOption) (grpc.ClientStream, error) {
	if err := ctx.Err(); err != nil {
		return nil, grpcx.FromStatus(status.FromContextError(err).Err())
	}
	ctx, end := c.begin(ctx, name)
	call, err := c.server.enter(ctx, name, c.caller)
	if err == nil && call.stream == nil {
		err = status.Errorf(codes.Unimplemented, "%s is no stream", name)
		call.leave(err)
	}
	if err != nil {
		end(err)
		return nil, grpcx.FromStatus(err)
	}
	p := &pipe{call: call, over: make(chan struct{}), closed: make(chan struct{})}
	p.requests.messages, p.replies.messages = make(chan []byte, ahead), make(chan []byte, ahead)
	handler := func() {
		info := &grpc.StreamServerInfo{FullMethod: name, IsClientStream: call.stream.ClientStreams, IsServerStream: call.stream.ServerStreams}
		p.err = c.server.stream(call.service, &serverSide{p}, info, call.stream.Handler)
		call.leave(p.err)
		end(p.err)
		close(p.over)
	}
	side := &clientSide{pipe: p, ctx: ctx, asksOnce: !desc.ClientStreams, single: !desc.ServerStreams, options: options}
	if side.asksOnce && grpcx.RunsWhereRead(options) {
		side.wait(handler)
	} else {
		go handler() // ends with the caller's context; Stop waits for it
	}
	return side, nil
}

// clientSide is a stream as its caller has it.
type clientSide struct {
	*pipe
	ctx      context.Context
	asksOnce bool // there is one request
	single   bool // there is one reply
	options  []grpc.CallOption
	closing  sync.Once
	// unbegun is the handler of a call that runs where it is read, until somebody has
	// taken it; nil of others.
	unbegun atomic.Pointer[func()]
	unwatch func() bool
}

// wait leaves the handler to whoever reads. When nobody has by the end of the call's
// context, it runs all the same, and finds that over: what was begun has an end.
func (c *clientSide) wait(handler func()) {
	c.unbegun.Store(&handler)
	c.unwatch = context.AfterFunc(c.call.ctx, c.begin)
}

// begin has the handler run, if it waits, in a goroutine of its own.
func (c *clientSide) begin() {
	if handler := c.unbegun.Swap(nil); handler != nil {
		go (*handler)() // ends with the caller's context; Stop waits for it
	}
}

func (c *clientSide) Context() context.Context { return c.ctx }

func (c *clientSide) Header() (metadata.MD, error) {
	c.begin()
	select {
	case <-c.call.header.sent:
		return c.call.header.seen(), nil
	case <-c.ctx.Done():
		return nil, grpcx.FromStatus(status.FromContextError(c.ctx.Err()).Err())
	}
}

func (c *clientSide) Trailer() metadata.MD {
	_, trailer := c.call.header.get()
	return trailer
}

func (c *clientSide) CloseSend() error {
	c.closing.Do(func() { close(c.requests.messages); close(c.closed) })
	return nil
}

// Serve is grpcx.Inline's.
func (c *clientSide) Serve(next func() error) error {
	handler := c.unbegun.Swap(nil)
	if handler == nil {
		return c.replies.serve(next, c.over, c.ctx.Done())
	}
	var failed error
	c.replies.mu.Lock()
	c.replies.take = func() {
		if failed == nil {
			if failed = next(); failed != nil {
				c.call.cancel()
			}
		}
	}
	c.replies.mu.Unlock()
	c.unwatch()
	(*handler)()
	if failed != nil {
		return failed
	}
	return next() // the end
}

func (c *clientSide) SendMsg(m any) error {
	text, err := encode(m)
	if err != nil {
		return grpcx.FromStatus(err)
	}
	select {
	case c.requests.messages <- text:
		c.requests.sent()
		return nil
	case <-c.over:
	case <-c.ctx.Done():
	}
	// RecvMsg says why. Generated code that sends one request goes on to that only
	// when there is no error yet.
	if c.asksOnce {
		return nil
	}
	return io.EOF
}

func (c *clientSide) RecvMsg(m any) error {
	c.begin()
	err := c.receive(m)
	if err == nil && c.single {
		if again := c.receive(m); !errors.Is(again, io.EOF) {
			return grpcx.FromStatus(again)
		}
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return grpcx.FromStatus(err)
}

// receive takes the next reply. What was sent before the end comes first.
func (c *clientSide) receive(m any) error {
	select {
	case text := <-c.replies.messages:
		return decode(text, m)
	default:
	}
	select {
	case text := <-c.replies.messages:
		return decode(text, m)
	case <-c.over:
	case <-c.ctx.Done():
		return status.FromContextError(c.ctx.Err()).Err()
	}
	select {
	case text := <-c.replies.messages: // sent while over was noticed
		return decode(text, m)
	default:
	}
	c.call.header.tell(c.options)
	if c.err != nil {
		return c.err
	}
	return io.EOF
}

// serverSide is a stream as its handler has it.
type serverSide struct{ *pipe }

func (s *serverSide) Context() context.Context        { return s.call.ctx }
func (s *serverSide) SetHeader(md metadata.MD) error  { return s.call.header.SetHeader(md) }
func (s *serverSide) SendHeader(md metadata.MD) error { return s.call.header.SendHeader(md) }
func (s *serverSide) SetTrailer(md metadata.MD)       { _ = s.call.header.SetTrailer(md) }

func (s *serverSide) SendMsg(m any) error {
	text, err := encode(m)
	if err != nil {
		return err
	}
	s.call.header.send()
	select {
	case s.replies.messages <- text:
		s.replies.sent()
		return nil
	case <-s.call.ctx.Done():
		return status.FromContextError(s.call.ctx.Err()).Err()
	}
}

func (s *serverSide) RecvMsg(m any) error {
	select {
	case text, open := <-s.requests.messages:
		if !open {
			return io.EOF
		}
		return decode(text, m)
	case <-s.call.ctx.Done():
		return status.FromContextError(s.call.ctx.Err()).Err()
	}
}

// Serve is grpcx.Inline's.
func (s *serverSide) Serve(next func() error) error {
	return s.requests.serve(next, s.closed, s.call.ctx.Done())
}
