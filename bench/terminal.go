package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// keys is how many keystrokes a round measures on each line, in so many turns.
const keys, turns = 400, 8

// terminalLine is a way to a terminal that gives back what it is sent, or prints
// without end.
type terminalLine struct {
	name string
	cat  place
	yes  place
}

// terminalEcho compares what the way to a workspace's terminal adds to a key's
// echo with what proxies add before the same pseudo-terminal on a WebSocket.
func terminalEcho(ctx context.Context, r *rig) error {
	lines, err := r.bareTerminals(ctx)
	if err != nil {
		return err
	}
	ours, end, err := r.workspaceTerminal(ctx)
	if err != nil {
		return err
	}
	defer end()
	lines = append(lines, ours)
	if err := r.idleEchoes(ctx, lines); err != nil {
		return err
	}
	return r.floodedEchoes(ctx, lines)
}

// bareTerminals are a pseudo-terminal on a WebSocket, in a program of its own as
// every other line's is, and what stands before it.
func (r *rig) bareTerminals(ctx context.Context) ([]terminalLine, error) {
	straight, err := r.self(ctx, "serve-terminal")
	if err != nil {
		return nil, err
	}
	line := func(name string, p *program) terminalLine {
		return terminalLine{name, place{Address: p.base}, place{Address: p.base + "/flood"}}
	}
	lines := []terminalLine{line("a pseudo-terminal on a WebSocket, straight", straight)}
	if path := r.nginxPath(); path == "" {
		fmt.Fprintln(r.out, "nginx is skipped: it is neither installed nor fetched (bench/peers.sh).")
	} else {
		proxy, err := r.nginx(ctx, path, straight.base)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line(throughNginx, proxy))
	}
	proxy, err := r.self(ctx, "serve-proxy", straight.base)
	return append(lines, line("the same through Go's httputil.ReverseProxy", proxy)), err
}

const throughNginx = "the same through nginx"

// idleEchoes measures each line with nothing else to do. The lines take turns of a
// few keys, so that whatever else the machine does meanwhile is the same for all.
func (r *rig) idleEchoes(ctx context.Context, lines []terminalLine) error {
	idle := make([][][]time.Duration, len(lines))
	for range r.rounds {
		opened := make([]*websocket.Conn, len(lines))
		for i, line := range lines {
			conn, err := echo(ctx, line.cat)
			if err != nil {
				return fmt.Errorf("%s: %w", line.name, err)
			}
			defer func() { _ = conn.CloseNow() }()
			opened[i] = conn
			idle[i] = append(idle[i], nil)
		}
		for range turns {
			for i, line := range lines {
				took, err := typeKeys(ctx, opened[i], keys/turns)
				if err != nil {
					return fmt.Errorf("%s: %w", line.name, err)
				}
				last := &idle[i][len(idle[i])-1]
				*last = append(*last, took...)
			}
		}
		for _, conn := range opened {
			if err := interrupt(ctx, conn); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(r.out, "one key at a time, %d keys a round, %d rounds, load %s\n\n", keys, r.rounds, load())
	fmt.Fprintln(r.out, "| | p50 | p99 | added, p50 (min–max) | added beside nginx |\n|---|---|---|---|---|")
	nginx := slices.IndexFunc(lines, func(l terminalLine) bool { return l.name == throughNginx })
	var byNginx time.Duration
	if nginx > 0 {
		byNginx, _, _ = added(idle[nginx], idle[0])
	}
	for i, line := range lines {
		adds, beside := "", ""
		if i > 0 {
			middle, least, most := added(idle[i], idle[0])
			adds = fmt.Sprintf("%s (%s–%s)", middle, least, most)
			if byNginx > 0 {
				beside = fmt.Sprintf("%.1f×", float64(middle)/float64(byNginx))
			}
		}
		all := slices.Concat(idle[i]...)
		fmt.Fprintf(r.out, "| %s | %s | %s | %s | %s |\n", line.name, at(all, 50), at(all, 99), adds, beside)
	}
	return nil
}

// added is what a line's rounds take longer than the straight line's.
func added(rounds, straight [][]time.Duration) (middle, least, most time.Duration) {
	var by []time.Duration
	for i := range rounds {
		by = append(by, at(rounds[i], 50)-at(straight[i], 50))
	}
	slices.Sort(by)
	return by[len(by)/2], by[0], by[len(by)-1]
}

// floodedEchoes measures each line beside another terminal of it that prints
// without end, right after the same without.
func (r *rig) floodedEchoes(ctx context.Context, lines []terminalLine) error {
	idle, busy := make([][][]time.Duration, len(lines)), make([][][]time.Duration, len(lines))
	printed := make([][]float64, len(lines))
	for range r.rounds {
		for i, line := range lines {
			alone, beside, speed, err := floodedRound(ctx, line)
			if err != nil {
				return fmt.Errorf("%s: %w", line.name, err)
			}
			idle[i], busy[i], printed[i] = append(idle[i], alone), append(busy[i], beside), append(printed[i], speed)
		}
	}
	fmt.Fprintf(r.out, "\nbeside a terminal that prints without end, load %s\n\n", load())
	fmt.Fprintln(r.out, "| | printed, MB/s | p50 | p99 | p99 beside that of idle (min–max) |\n|---|---|---|---|---|")
	for i, line := range lines {
		var ratio []float64
		for round := range r.rounds {
			ratio = append(ratio, float64(at(busy[i][round], 99))/float64(at(idle[i][round], 99)))
		}
		slices.Sort(ratio)
		slices.Sort(printed[i])
		all := slices.Concat(busy[i]...)
		fmt.Fprintf(r.out, "| %s | %.0f | %s | %s | %.1f× (%.1f–%.1f) |\n", line.name, printed[i][len(printed[i])/2],
			at(all, 50), at(all, 99), ratio[len(ratio)/2], ratio[0], ratio[len(ratio)-1])
	}
	return nil
}

// floodedRound is one of a line: alone, beside the flood, and its megabytes a second.
func floodedRound(ctx context.Context, line terminalLine) (alone, beside []time.Duration, speed float64, err error) {
	if alone, err = echoes(ctx, line.cat); err != nil {
		return nil, nil, 0, err
	}
	flood, err := startFlood(ctx, line.yes)
	if err != nil {
		return nil, nil, 0, err
	}
	beside, err = echoes(ctx, line.cat)
	speed, failed := flood.end()
	return alone, beside, speed, errors.Join(err, failed)
}

func at(took []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// place is where a terminal is.
type place struct {
	Address string
	// Sessions says that the address ends with a session, of which each connection is
	// to have its own.
	Sessions bool
	// First is what is typed first.
	First  string
	Header http.Header
}

func (p place) dial(ctx context.Context) (*websocket.Conn, error) {
	address := strings.Replace(p.Address, "http", "ws", 1)
	if p.Sessions {
		address += fmt.Sprintf("bench-%d", time.Now().UnixNano())
	}
	options := &websocket.DialOptions{HTTPHeader: p.Header, Host: p.Header.Get("Host")}
	conn, _, err := websocket.Dial(ctx, address, options) //nolint:bodyclose // the library closes it
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(1 << 20)
	if p.First != "" {
		err = conn.Write(ctx, websocket.MessageBinary, []byte(p.First))
	}
	return conn, err
}

// echo opens a terminal that gives back what it is sent.
func echo(ctx context.Context, at place) (*websocket.Conn, error) {
	conn, err := at.dial(ctx)
	if err != nil {
		return nil, err
	}
	if err := until(ctx, conn, "ready"); err != nil {
		_ = conn.CloseNow()
		return nil, err
	}
	time.Sleep(100 * time.Millisecond) // what is still to come of that
	return conn, nil
}

// typeKeys types keys one by one, and gives how long each took to come back.
func typeKeys(ctx context.Context, conn *websocket.Conn, keys int) (took []time.Duration, err error) {
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

// echoes is a round of keys in a terminal of its own.
func echoes(ctx context.Context, at place) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := echo(ctx, at)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.CloseNow() }()
	took, err := typeKeys(ctx, conn, keys)
	if err != nil {
		return nil, err
	}
	return took, interrupt(ctx, conn)
}

// interrupt ends what runs in a terminal: a workspace keeps no more than some.
func interrupt(ctx context.Context, conn *websocket.Conn) error {
	if err := conn.Write(ctx, websocket.MessageBinary, []byte("\x03")); err != nil {
		return err
	}
	for {
		if _, _, err := conn.Read(ctx); err != nil {
			return ctx.Err() // it is to be closed by the other side
		}
	}
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

// workspaceTerminal starts a workspace and gives the way to its terminals.
func (r *rig) workspaceTerminal(ctx context.Context) (line terminalLine, end func(), err error) {
	p := r.platform
	cookie, err := p.register(ctx, "terminal")
	if err != nil {
		return line, nil, err
	}
	workspace, err := p.startWorkspace(ctx, cookie)
	if err != nil {
		return line, nil, err
	}
	header := http.Header{"Cookie": {cookie}, "Origin": {"http://" + p.host}, "Host": {p.host}}
	address := p.base + "/ide/ws/workspaces/" + workspace + "/terminal?session="
	line = terminalLine{
		name: "a workspace's terminal through Atrium",
		cat:  place{Address: address, Sessions: true, First: "exec " + echoing + "\n", Header: header},
		yes:  place{Address: address, Sessions: true, First: "exec " + flooding + "\n", Header: header},
	}
	return line, func() { p.stopWorkspace(ctx, cookie, workspace) }, nil
}
