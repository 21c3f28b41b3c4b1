package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// writers is how many send at the same time.
	writers = 8
	// talks is how many conversations each of them has, so that none waits for
	// an answer to end.
	talks = 64
)

// messages compares how many messages a second are acknowledged, which is when
// they are stored, with single rows that pgbench commits to the same server.
// Each message is answered besides, which takes processor time too: that of
// both is told for each message.
func messages(ctx context.Context, r *rig) error {
	if found, _ := exec.LookPath("pgbench"); found == "" {
		fmt.Fprintln(r.out, "pgbench is not installed: skipped.")
		return nil
	}
	cookie, err := r.asker(ctx, "edsger")
	if err != nil {
		return err
	}
	bare, err := r.rows(ctx)
	if err != nil {
		return err
	}
	conversations := make([][]string, writers)
	for i := range conversations {
		for range talks {
			id, err := r.platform.converse(ctx, cookie)
			if err != nil {
				return err
			}
			conversations[i] = append(conversations[i], id)
		}
	}
	var ratios []float64
	fmt.Fprintf(r.out, "%d writers, %d rounds of %s, load %s\n\n", writers, r.rounds, r.duration, load())
	fmt.Fprintln(r.out, "| rows/s by pgbench | its mean | messages/s | p50 | p99 | messages/s ratio | CPU/message: platform | Postgres |\n|---|---|---|---|---|---|---|---|")
	for range r.rounds {
		rows, mean, err := r.pgbench(ctx, bare)
		if err != nil {
			return err
		}
		platform, database := processorTime(r.platform.pid), r.databaseTime()
		took, err := r.send(ctx, cookie, conversations)
		if err != nil {
			return err
		}
		platform, database = processorTime(r.platform.pid)-platform, r.databaseTime()-database
		perSecond := float64(len(took)) / r.duration.Seconds()
		ratios = append(ratios, perSecond/rows)
		fmt.Fprintf(r.out, "| %.0f | %.2f ms | %.0f | %s | %s | %.3f | %s | %s |\n", rows, mean, perSecond, took[len(took)/2], took[len(took)*99/100], perSecond/rows,
			platform/time.Duration(len(took)), database/time.Duration(len(took)))
	}
	slices.Sort(ratios)
	fmt.Fprintf(r.out, "\nmedian ratio %.3f (%.3f–%.3f)\n", ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
	return nil
}

func (p *program) converse(ctx context.Context, cookie string) (id string, err error) {
	status, answer, _, err := p.call(ctx, http.MethodPost, "/api/chat/conversations", cookie, map[string]string{"title": "Talk"})
	if err != nil || status != http.StatusOK {
		return "", fmt.Errorf("conversation: %d %s: %w", status, answer, err)
	}
	var made struct{ ID string }
	err = json.Unmarshal(answer, &made)
	return made.ID, err
}

// rows makes the table for pgbench, and gives its database.
func (r *rig) rows(ctx context.Context) (string, error) {
	url, err := r.newDatabase(ctx, "rows")
	if err != nil {
		return "", err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, `CREATE TABLE rows (id UUID PRIMARY KEY, parent UUID, content BYTEA NOT NULL, created_at TIMESTAMPTZ NOT NULL DEFAULT now())`)
	return url, err
}

var (
	tps     = regexp.MustCompile(`tps = ([0-9.]+)`)
	latency = regexp.MustCompile(`latency average = ([0-9.]+) ms`)
)

func (r *rig) pgbench(ctx context.Context, url string) (perSecond, mean float64, err error) {
	script := filepath.Join(r.dir, "row.sql")
	if err := os.WriteFile(script, []byte("INSERT INTO rows VALUES (gen_random_uuid(), gen_random_uuid(), decode(repeat('ab', 100), 'hex'));\n"), 0o600); err != nil {
		return 0, 0, err
	}
	said, err := exec.CommandContext(ctx, "pgbench", "-n", "-M", "prepared", "-c", strconv.Itoa(writers), "-j", "2",
		"-T", strconv.Itoa(max(1, int(r.duration.Seconds()))), "-f", script, url).CombinedOutput()
	if err != nil {
		return 0, 0, fmt.Errorf("pgbench: %w: %s", err, said)
	}
	rate, took := tps.FindSubmatch(said), latency.FindSubmatch(said)
	if rate == nil || took == nil {
		return 0, 0, fmt.Errorf("pgbench said: %s", said)
	}
	if perSecond, err = strconv.ParseFloat(string(rate[1]), 64); err != nil {
		return 0, 0, err
	}
	mean, err = strconv.ParseFloat(string(took[1]), 64)
	return perSecond, mean, err
}

// send has every writer send for the rig's duration, and gives how long each
// acknowledgement took.
func (r *rig) send(ctx context.Context, cookie string, conversations [][]string) ([]time.Duration, error) {
	end := time.Now().Add(r.duration)
	took, faults := make([][]time.Duration, len(conversations)), make([]error, len(conversations))
	var all sync.WaitGroup
	for i, mine := range conversations {
		all.Go(func() {
			for n := 0; time.Now().Before(end) && faults[i] == nil; n++ {
				begin := time.Now()
				faults[i] = r.platform.events(ctx, http.MethodPost, "/api/chat/conversations/"+mine[n%len(mine)]+"/messages", cookie,
					map[string]string{"content": "Which way does the tide go?"}, func(string, []byte) (bool, error) { return false, nil })
				took[i] = append(took[i], time.Since(begin))
			}
		})
	}
	all.Wait()
	together := slices.Concat(took...)
	slices.Sort(together)
	return together, errors.Join(faults...)
}

// events follows a stream until each says that it has enough, or it ends.
func (p *program) events(ctx context.Context, method, path, cookie string, body any, each func(name string, data []byte) (more bool, err error)) error {
	response, err := p.open(ctx, method, path, cookie, body)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	name := ""
	for lines := bufio.NewReader(response.Body); ; {
		line, err := lines.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		line = bytes.TrimRight(line, "\n")
		if event, is := bytes.CutPrefix(line, []byte("event: ")); is {
			name = string(event)
		}
		if data, is := bytes.CutPrefix(line, []byte("data: ")); is {
			if more, err := each(name, data); !more || err != nil {
				return err
			}
		}
	}
}

// open starts an event stream.
func (p *program) open(ctx context.Context, method, path, cookie string, body any) (*http.Response, error) {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Host = p.host
	for name, value := range map[string]string{
		"Content-Type": "application/json", "Accept": "text/event-stream", "Sec-Fetch-Site": "same-origin", "Cookie": cookie,
	} {
		request.Header.Set(name, value)
	}
	response, err := streams.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		said, err := io.ReadAll(response.Body)
		return nil, errors.Join(fmt.Errorf("%s %s: %s: %s", method, path, response.Status, said), err)
	}
	return response, nil
}

// streams is for many at the same time.
var streams = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}
