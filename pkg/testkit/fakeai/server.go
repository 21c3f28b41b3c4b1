package fakeai

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"
)

// maxBody bounds a request's body, as the real services do.
const maxBody = 32 << 20

// Options configure a server. The zero value listens on a free port of the
// loopback address and takes any key.
type Options struct {
	// Listen is a TCP address. Empty: a free port of 127.0.0.1.
	Listen string
	// Key is the API key that callers must present. Empty: any, or none.
	Key string
	// Models is what the model lists name. Empty: one per format.
	Models []string
}

// Server is a running fake.
type Server struct {
	options Options
	http    *http.Server
	addr    string
	served  chan struct{}

	mu      sync.Mutex
	queue   []Script
	answer  func(Question) Script
	calls   []*Call
	failed  map[string]int  // prompts with times=, and how often they failed
	cached  map[string]bool // prefixes in the prompt cache
	changed chan struct{}   // closed and replaced when a call is added
}

// New starts a server for a test and stops it at its end.
func New(t testing.TB, options ...Options) *Server {
	t.Helper()
	var o Options
	if len(options) > 0 {
		o = options[0]
	}
	s, err := Start(o)
	if err != nil {
		t.Fatalf("start the fake AI provider: %v", err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server; the caller closes it.
func Start(o Options) (*Server, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("fake AI provider: %w", err)
	}
	s := &Server{
		options: o,
		addr:    listener.Addr().String(),
		served:  make(chan struct{}),
		failed:  map[string]int{},
		cached:  map[string]bool{},
		changed: make(chan struct{}),
	}
	s.http = &http.Server{Handler: s.routes(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(listener) // always ErrServerClosed, by Close
	}()
	return s, nil
}

// Close drops every connection and stops the server.
func (s *Server) Close() {
	_ = s.http.Close()
	<-s.served
}

// AnthropicURL is the base URL for Anthropic's SDKs.
func (s *Server) AnthropicURL() string { return "http://" + s.addr }

// OpenAIURL is the base URL for OpenAI's SDKs.
func (s *Server) OpenAIURL() string { return "http://" + s.addr + "/v1" }

// Push queues scripts: each call takes the next one. A queued script goes
// before Answer, which goes before a directive in the prompt.
func (s *Server) Push(scripts ...Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, scripts...)
}

// Answer lets f script every call for which nothing is queued. A zero Script
// leaves it to the prompt.
func (s *Server) Answer(f func(Question) Script) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = f
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/messages", s.anthropicMessages)
	mux.HandleFunc("POST /v1/messages/count_tokens", s.anthropicCountTokens)
	mux.HandleFunc("POST /v1/chat/completions", s.openaiChat)
	mux.HandleFunc("GET /v1/models", s.models)
	mux.HandleFunc("GET /fake/calls", s.remoteCalls)
	mux.HandleFunc("POST /fake/script", s.remoteScript)
	return mux
}

// script picks what a question is answered with.
func (s *Server) script(q Question) (Script, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) > 0 {
		next := s.queue[0]
		s.queue = s.queue[1:]
		return next, nil
	}
	if s.answer != nil {
		if script := s.answer(q); !reflect.ValueOf(script).IsZero() {
			return script, nil
		}
	}
	d, err := parseDirectives(q.Last())
	if err != nil {
		return Script{}, err
	}
	if d.times > 0 {
		s.failed[q.Last()]++
		if s.failed[q.Last()] > d.times {
			d.Status = 0
		}
	}
	return d.Script, nil
}

var errBodyTooLarge = errors.New("request exceeds the maximum size")

func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxBody {
		return nil, errBodyTooLarge
	}
	return body, nil
}
