package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"time"

	"github.com/coder/websocket"
	"github.com/creack/pty"
)

// What the measured terminals run, the same on every line. The word is typed in two
// halves, so that a terminal which gives back what is typed does not show it.
const (
	echoing  = `/bin/sh -c "stty raw isig -echo; echo rea''dy; exec cat"`
	flooding = `/bin/sh -c "stty -echo; echo rea''dy; exec yes $(seq -s ' ' 1 200)"`
)

// servers are the peers that this program is itself.
var servers = map[string]func(behind string) http.Handler{
	"serve-terminal": func(string) http.Handler { return http.HandlerFunc(serveTerminal) },
	"serve-proxy":    serveProxy,
	"serve-relay":    serveRelay,
}

// serve runs a peer: its name, its address and what it stands before.
func serve(name, address, behind string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: servers[name](behind), ReadHeaderTimeout: time.Minute}
	return server.Serve(listener)
}

// self starts this program as a peer.
func (r *rig) self(ctx context.Context, name string, behind ...string) (*program, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", freePort())
	p := &program{base: "http://" + address}
	return p, r.launch(ctx, p, path, append([]string{name, address}, behind...), "/")
}

// serveTerminal shows a raw pseudo-terminal whose program gives back what it is
// sent, or one whose program prints without end.
func serveTerminal(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "" {
		return // somebody asks whether this is ready
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	what := echoing
	if r.URL.Path == "/flood" {
		what = flooding
	}
	program := exec.Command("/bin/sh", "-c", "exec "+what)
	terminal, err := pty.Start(program)
	if err != nil {
		return
	}
	defer func() { _ = terminal.Close(); _ = program.Wait() }()
	go func() {
		for {
			_, typed, err := conn.Read(r.Context())
			if err != nil {
				_ = terminal.Close()
				return
			}
			_, _ = terminal.Write(typed) // its end is seen below
		}
	}()
	buffer := make([]byte, 32<<10)
	for {
		n, err := terminal.Read(buffer)
		if err != nil || conn.Write(r.Context(), websocket.MessageBinary, buffer[:n]) != nil {
			return
		}
	}
}

// serveProxy is the least that a program in Go puts between.
func serveProxy(behind string) http.Handler {
	target, err := url.Parse(behind)
	if err != nil {
		panic(err) // it is this program's own
	}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
}
