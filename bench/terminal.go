package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/creack/pty"
)

// keys is how many keystrokes a round measures on each line.
const keys = 400

// terminalEcho compares what the way to a workspace's terminal adds to a key's
// echo with what nginx adds before the same pseudo-terminal on a WebSocket.
func terminalEcho(ctx context.Context, r *rig) error {
	bare := httptest.NewServer(http.HandlerFunc(serveCat))
	defer bare.Close()
	lines := []struct {
		name string
		dial func(context.Context) (*websocket.Conn, error)
	}{{"a pseudo-terminal on a WebSocket, straight", dialer(bare.URL, "", nil)}}
	if path := r.nginxPath(); path == "" {
		fmt.Fprintln(r.out, "nginx is skipped: it is neither installed nor fetched (bench/peers.sh).")
	} else {
		proxy, err := r.nginx(ctx, path, bare.URL)
		if err != nil {
			return err
		}
		lines = append(lines, struct {
			name string
			dial func(context.Context) (*websocket.Conn, error)
		}{"the same through nginx", dialer(proxy.base, "", nil)})
	}
	ours, end, err := r.workspaceTerminal(ctx)
	if err != nil {
		return err
	}
	defer end()
	lines = append(lines, struct {
		name string
		dial func(context.Context) (*websocket.Conn, error)
	}{"a workspace's terminal through Atrium", ours("bench")})

	idle := make([][][]time.Duration, len(lines))
	for range r.rounds {
		for i, line := range lines {
			took, err := echoes(ctx, line.dial)
			if err != nil {
				return fmt.Errorf("%s: %w", line.name, err)
			}
			idle[i] = append(idle[i], took)
		}
	}
	fmt.Fprintf(r.out, "one key at a time, %d keys a round, %d rounds, load %s\n\n", keys, r.rounds, load())
	fmt.Fprintln(r.out, "| | p50 | p99 | added, p50 | added beside nginx (min–max) |\n|---|---|---|---|---|")
	for i, line := range lines {
		var added, ratio []float64
		for round := range r.rounds {
			mine := at(idle[i][round], 50) - at(idle[0][round], 50)
			added = append(added, float64(mine))
			if len(lines) == 3 {
				ratio = append(ratio, float64(mine)/float64(max(1, at(idle[1][round], 50)-at(idle[0][round], 50))))
			}
		}
		slices.Sort(added)
		slices.Sort(ratio)
		beside := ""
		if i == 2 {
			beside = fmt.Sprintf("%.1f× (%.1f–%.1f)", ratio[len(ratio)/2], ratio[0], ratio[len(ratio)-1])
		}
		all := slices.Concat(idle[i]...)
		fmt.Fprintf(r.out, "| %s | %s | %s | %s | %s |\n", line.name, at(all, 50), at(all, 99), time.Duration(added[len(added)/2]), beside)
	}

	printed, stop, err := flood(ctx, ours("flood"))
	if err != nil {
		return err
	}
	began := time.Now()
	busy, err := echoes(ctx, ours("bench"))
	if err != nil {
		return err
	}
	took := time.Since(began)
	stop()
	all := slices.Concat(idle[len(lines)-1]...)
	fmt.Fprintf(r.out, "\nwhile another terminal printed %.0f MB/s: p50 %s, p99 %s, %.1f times that of idle\n",
		float64(printed())/took.Seconds()/1e6, at(busy, 50), at(busy, 99), float64(at(busy, 99))/float64(at(all, 99)))
	return nil
}

func at(took []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// serveCat shows a raw pseudo-terminal whose program gives back what it is sent.
func serveCat(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") == "" {
		return // somebody asks whether this is ready
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = conn.CloseNow() }()
	cat := exec.Command("/bin/sh", "-c", "stty raw -echo; echo ready; exec cat")
	terminal, err := pty.Start(cat)
	if err != nil {
		return
	}
	defer func() { _ = terminal.Close(); _ = cat.Wait() }()
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

// dialer connects to a terminal and tells it what to type first.
func dialer(base, first string, header http.Header) func(context.Context) (*websocket.Conn, error) {
	return func(ctx context.Context) (*websocket.Conn, error) {
		options := &websocket.DialOptions{HTTPHeader: header}
		if header != nil {
			options.Host = header.Get("Host")
		}
		conn, _, err := websocket.Dial(ctx, strings.Replace(base, "http", "ws", 1), options) //nolint:bodyclose // the library closes it
		if err != nil {
			return nil, err
		}
		conn.SetReadLimit(1 << 20)
		if first != "" {
			err = conn.Write(ctx, websocket.MessageBinary, []byte(first))
		}
		return conn, err
	}
}

// echoes types keys one by one, and gives how long each took to come back.
func echoes(ctx context.Context, dial func(context.Context) (*websocket.Conn, error)) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := dial(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.CloseNow() }()
	if err := until(ctx, conn, "ready"); err != nil {
		return nil, err
	}
	time.Sleep(100 * time.Millisecond) // what is still to come of that
	var took []time.Duration
	for i := range keys {
		key := string(rune('a' + i%26))
		began := time.Now()
		if err := conn.Write(ctx, websocket.MessageBinary, []byte(key)); err != nil {
			return nil, err
		}
		if err := until(ctx, conn, key); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

func until(ctx context.Context, conn *websocket.Conn, word string) error {
	var shown bytes.Buffer
	for !strings.Contains(shown.String(), word) {
		kind, frame, err := conn.Read(ctx)
		if err != nil {
			return fmt.Errorf("%w, after %q", err, shown.String())
		}
		if kind == websocket.MessageBinary {
			shown.Write(frame)
		}
	}
	return nil
}

// flood has a terminal print without end, and counts.
func flood(ctx context.Context, dial func(context.Context) (*websocket.Conn, error)) (printed func() int64, stop func(), err error) {
	conn, err := dial(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := until(ctx, conn, "ready"); err != nil {
		return nil, nil, err
	}
	var total int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			_, frame, err := conn.Read(ctx)
			if err != nil {
				return
			}
			total += int64(len(frame))
		}
	}()
	return func() int64 { <-done; return total }, func() { _ = conn.CloseNow() }, nil
}

// workspaceTerminal starts a workspace and gives the ways to its terminals.
func (r *rig) workspaceTerminal(ctx context.Context) (ours func(session string) func(context.Context) (*websocket.Conn, error), end func(), err error) {
	p := r.platform
	cookie, err := p.register(ctx, "terminal")
	if err != nil {
		return nil, nil, err
	}
	workspace, err := p.startWorkspace(ctx, cookie)
	if err != nil {
		return nil, nil, err
	}
	header := http.Header{"Cookie": {cookie}, "Origin": {"http://" + p.host}, "Host": {p.host}}
	ours = func(session string) func(context.Context) (*websocket.Conn, error) {
		first := "stty raw -echo; echo rea''dy; exec cat\n"
		if session == "flood" {
			first = "echo rea''dy; exec yes $(seq -s ' ' 1 200)\n"
		}
		// Each round has a shell of its own.
		return func(ctx context.Context) (*websocket.Conn, error) {
			name := fmt.Sprintf("%s-%d", session, time.Now().UnixNano())
			return dialer(p.base+"/ide/ws/workspaces/"+workspace+"/terminal?session="+name, first, header)(ctx)
		}
	}
	return ours, func() { p.stopWorkspace(ctx, cookie, workspace) }, nil
}
