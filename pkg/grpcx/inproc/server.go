package inproc

import (
	"context"
	"errors"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/grpcx"
)

// Server serves calls of this process without a connection: the same
// interceptors and the same bytes as over a network, but no framing and none of
// the goroutines that would have to wake one another for it. It is a part of
// package lifecycle.
type Server struct {
	unary  grpc.UnaryServerInterceptor
	stream grpc.StreamServerInterceptor
	stats  stats.Handler
	// methods are complete before the first call.
	methods map[string]method

	// ctx ends calls that Stop can't wait for.
	ctx context.Context
	cut context.CancelFunc

	mu      sync.Mutex
	serving bool
	running sync.WaitGroup
}

// method is one of either kind.
type method struct {
	service any
	unary   grpc.MethodHandler
	stream  *grpc.StreamDesc
}

// NewServer makes a server like grpcx.NewServer; Extra options are not for it.
func NewServer(o grpcx.ServerOptions) (*Server, error) {
	unary, stream, err := grpcx.Interceptors(o)
	if err != nil {
		return nil, err
	}
	ctx, cut := context.WithCancel(context.Background())
	return &Server{
		unary: chainUnary(unary), stream: chainStream(stream), stats: grpcx.ServerStats(),
		methods: map[string]method{}, ctx: ctx, cut: cut,
	}, nil
}

// RegisterService adds a service, before the first call.
func (s *Server) RegisterService(desc *grpc.ServiceDesc, service any) {
	for _, m := range desc.Methods {
		s.methods["/"+desc.ServiceName+"/"+m.MethodName] = method{service: service, unary: m.Handler}
	}
	for _, m := range desc.Streams {
		s.methods["/"+desc.ServiceName+"/"+m.StreamName] = method{service: service, stream: &m}
	}
}

// Start lets calls in.
func (s *Server) Start(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serving = true
	return nil
}

// Stop refuses further calls and lets running ones end as long as ctx allows.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	s.serving = false
	s.mu.Unlock()
	drained := make(chan struct{})
	go func() { s.running.Wait(); close(drained) }() // ended by the cut at the latest
	select {
	case <-drained:
	case <-ctx.Done():
		s.cut()
		<-drained
	}
	s.cut()
	return nil
}

// call is one as the server sees it.
type call struct {
	method
	name   string
	ctx    context.Context
	header *header
	// cancel ends the handler's context.
	cancel context.CancelFunc
	leave  func(error)
}

// enter begins a call. What the caller's context carries stays with the caller,
// except when it ends and its outgoing metadata.
func (s *Server) enter(ctx context.Context, name, caller string) (*call, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.serving {
		return nil, status.Error(codes.Unavailable, "the service is not running")
	}
	m, ok := s.methods[name]
	if !ok {
		return nil, status.Errorf(codes.Unimplemented, "unknown method %s", name)
	}
	s.running.Add(1)
	md, _ := metadata.FromOutgoingContext(ctx)
	inner, cancel := context.WithCancel(detached{ctx})
	uncut := context.AfterFunc(s.ctx, cancel)
	inner = metadata.NewIncomingContext(inner, md)
	inner = peer.NewContext(inner, &peer.Peer{Addr: address{}, AuthInfo: info{name: caller}})
	h := &header{name: name, sent: make(chan struct{})}
	inner = grpc.NewContextWithServerTransportStream(inner, h)
	inner = s.stats.TagRPC(inner, &stats.RPCTagInfo{FullMethodName: name})
	began := time.Now()
	s.stats.HandleRPC(inner, &stats.Begin{BeginTime: began})
	return &call{method: m, name: name, ctx: inner, header: h, cancel: cancel, leave: func(err error) {
		h.end()
		s.stats.HandleRPC(inner, &stats.End{BeginTime: began, EndTime: time.Now(), Error: err})
		uncut()
		cancel()
		s.running.Done()
	}}, nil
}

// detached is when a context ends, without what it carries.
type detached struct{ of context.Context }

func (d detached) Deadline() (time.Time, bool) { return d.of.Deadline() }
func (d detached) Done() <-chan struct{}       { return d.of.Done() }
func (d detached) Err() error                  { return d.of.Err() }
func (d detached) Value(any) any               { return nil }

// AfterFunc spares package context a goroutine for each call.
func (d detached) AfterFunc(f func()) func() bool { return context.AfterFunc(d.of, f) }

// info is what the server knows of a caller: its name, which nobody in this
// process has to prove.
type info struct{ name string }

// AuthType names the way in which the name was learnt.
func (info) AuthType() string { return "inproc" }

// CallingService gives the name.
func (i info) CallingService() string { return i.name }

// address is that of whoever calls.
type address struct{}

func (address) Network() string { return "inproc" }
func (address) String() string  { return "inproc" }

// header is what a call's handler answers beside its messages.
type header struct {
	name string
	// sent is closed when md will not change any more.
	sent chan struct{}

	mu   sync.Mutex
	over bool
	// none: the call ended before a header was sent. As over the network, that
	// is told from a header with nothing in it.
	none        bool
	md, trailer metadata.MD
}

func (h *header) Method() string { return h.name }

func (h *header) SetHeader(md metadata.MD) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.over {
		return errors.New("inproc: the header was sent before")
	}
	h.md = metadata.Join(h.md, md)
	return nil
}

func (h *header) SendHeader(md metadata.MD) error {
	if err := h.SetHeader(md); err != nil {
		return err
	}
	h.send()
	return nil
}

func (h *header) SetTrailer(md metadata.MD) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trailer = metadata.Join(h.trailer, md)
	return nil
}

func (h *header) send() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.over {
		h.over = true
		close(h.sent)
	}
}

// end is send for a call that may have sent none.
func (h *header) end() {
	h.mu.Lock()
	h.none = !h.over
	h.mu.Unlock()
	h.send()
}

// seen is the header as the caller of a stream has it: nil when none was sent.
func (h *header) seen() metadata.MD {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.none {
		return nil
	}
	return metadata.Join(h.md)
}

func (h *header) get() (md, trailer metadata.MD) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.md, h.trailer
}

// encode makes the bytes of a message; what one side holds the other never sees.
func encode(m any) ([]byte, error) {
	message, ok := m.(proto.Message)
	if !ok {
		return nil, status.Errorf(codes.Internal, "%T is no message", m)
	}
	text, err := proto.Marshal(message)
	if err != nil {
		return nil, status.Errorf(codes.Internal, "encode: %v", err)
	}
	if len(text) > grpcx.MaxMessageBytes {
		return nil, status.Errorf(codes.ResourceExhausted, "a message of %d bytes", len(text))
	}
	return text, nil
}

func decode(text []byte, m any) error {
	message, ok := m.(proto.Message)
	if !ok {
		return status.Errorf(codes.Internal, "%T is no message", m)
	}
	if err := proto.Unmarshal(text, message); err != nil {
		return status.Errorf(codes.Internal, "decode: %v", err)
	}
	return nil
}

func chainUnary(all []grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, last grpc.UnaryHandler) (any, error) {
		next := last
		for i := len(all) - 1; i >= 0; i-- {
			intercept, inner := all[i], next
			next = func(ctx context.Context, req any) (any, error) { return intercept(ctx, req, info, inner) }
		}
		return next(ctx, req)
	}
}

func chainStream(all []grpc.StreamServerInterceptor) grpc.StreamServerInterceptor {
	return func(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, last grpc.StreamHandler) error {
		next := last
		for i := len(all) - 1; i >= 0; i-- {
			intercept, inner := all[i], next
			next = func(service any, stream grpc.ServerStream) error { return intercept(service, stream, info, inner) }
		}
		return next(service, stream)
	}
}
