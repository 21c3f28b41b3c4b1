package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// path is a way to the same model: straight, through nginx, through the least
// proxy in Go, or through the platform with its session, ledger and format.
type path struct {
	name, url, host, cookie string
	client                  *http.Client
	// server is what is in the way; nil is nothing.
	server *program
}

// paths are the ways that there are, the straight one first and the platform last.
func (r *rig) paths(ctx context.Context) ([]path, error) {
	if r.ways != nil {
		return r.ways, nil
	}
	cookie, err := r.asker(ctx, "streams")
	if err != nil {
		return nil, err
	}
	client := func() *http.Client {
		return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	}
	all := []path{{name: "straight", url: r.far.URL + "/v1/chat/completions", client: client()}}
	if found := r.nginxPath(); found == "" {
		fmt.Fprintln(r.out, "nginx is skipped: it is neither installed nor fetched (bench/peers.sh).")
	} else {
		nginx, err := r.nginx(ctx, found, r.far.URL)
		if err != nil {
			return nil, err
		}
		all = append(all, path{name: "nginx", url: nginx.base + "/v1/chat/completions", client: client(), server: nginx})
	}
	relay, err := r.self(ctx, "serve-relay", r.far.URL)
	if err != nil {
		return nil, err
	}
	all = append(all, path{name: "ReverseProxy", url: relay.base + "/v1/chat/completions", client: client(), server: relay})
	all = append(all, path{
		name: "Atrium", url: r.platform.base + "/api/ai/openai/v1/chat/completions", host: r.platform.host, cookie: cookie, client: client(), server: r.platform,
	})
	r.ways = all
	return all, nil
}

// asker registers somebody whom no plan bounds.
func (r *rig) asker(ctx context.Context, name string) (cookie string, err error) {
	if err := r.unbound(ctx); err != nil {
		return "", err
	}
	return r.platform.register(ctx, name)
}

var errTruncated = errors.New("an answer is not whole")

// ask reads one answer to its end, and gives how long its first token took.
func (p path) ask(ctx context.Context, stream bool) (first time.Duration, err error) {
	const question = `{"model":"far","stream":true,"messages":[{"role":"user","content":"Count."}]}`
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, strings.NewReader(question))
	if err != nil {
		return 0, err
	}
	request.Host = p.host
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	request.Header.Set("Cookie", p.cookie)
	began := time.Now()
	response, err := p.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", p.name, response.Status)
	}
	var text strings.Builder
	done := false
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		if !is {
			continue
		}
		if data == "[DONE]" {
			done = true
			continue
		}
		var chunk struct {
			Choices []struct{ Delta struct{ Content string } }
		}
		if err := json.Unmarshal([]byte(data), &chunk); err != nil {
			return 0, err
		}
		if len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
			if first == 0 {
				first = time.Since(began)
			}
			text.WriteString(chunk.Choices[0].Delta.Content)
		}
	}
	if err := lines.Err(); err != nil && stream {
		return first, err
	}
	if !done || text.String() != sentence() {
		return first, errTruncated
	}
	return first, nil
}

// firstToken compares what each way adds to the time to the first token.
func firstToken(ctx context.Context, r *rig) error {
	all, err := r.paths(ctx)
	if err != nil {
		return err
	}
	took := make([][]time.Duration, len(all)) // the median of each round
	for range r.rounds {
		for i, p := range all {
			var one []time.Duration
			for began := time.Now(); time.Since(began) < r.duration; {
				first, err := p.ask(ctx, true)
				if err != nil {
					return err
				}
				one = append(one, first)
			}
			slices.Sort(one)
			took[i] = append(took[i], one[len(one)/2])
		}
	}
	added := make([][]float64, len(all))
	for i := range all {
		for n := range took[i] {
			added[i] = append(added[i], float64(max(took[i][n]-took[0][n], time.Microsecond)))
		}
	}
	fmt.Fprintf(r.out, "one connection, %d rounds of %s, load %s\n\n", r.rounds, r.duration, load())
	fmt.Fprintln(r.out, "| | first token p50 | added | added, beside nginx (min–max) | beside ReverseProxy (min–max) |")
	fmt.Fprintln(r.out, "|---|---|---|---|---|")
	for i, p := range all {
		fmt.Fprintf(r.out, "| %s | %s | %s | %s | %s |\n", p.name, median(took[i]), median(took[i])-median(took[0]),
			beside(all, added, i, "nginx"), beside(all, added, i, "ReverseProxy"))
	}
	fmt.Fprintln(r.out)
	return nil
}

// beside is how the rounds of a way compare with those of a peer before it: the
// median, and between what it lay.
func beside(all []path, rounds [][]float64, i int, peer string) string {
	p := slices.IndexFunc(all, func(p path) bool { return p.name == peer })
	if p < 0 || p >= i {
		return ""
	}
	var ratios []float64
	for n := range rounds[i] {
		ratios = append(ratios, rounds[i][n]/rounds[p][n])
	}
	slices.Sort(ratios)
	return fmt.Sprintf("%.2f (%.2f–%.2f)", ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
}

// throughput compares whole answers a second over 32 connections, and then
// counts the answers through the platform that are not whole.
func throughput(ctx context.Context, r *rig) error {
	const connections = 32
	all, err := r.paths(ctx)
	if err != nil {
		return err
	}
	rates, used := make([][]float64, len(all)), make([][]time.Duration, len(all))
	for range r.rounds {
		for i, p := range all {
			before := p.processorTime()
			began := time.Now()
			whole, broken, err := p.crowd(ctx, connections, func(int64) bool { return time.Since(began) < r.duration })
			if err != nil || broken > 0 {
				return errors.Join(err, fmt.Errorf("%s: %d answers are not whole", p.name, broken))
			}
			rates[i] = append(rates[i], float64(whole)/time.Since(began).Seconds())
			used[i] = append(used[i], (p.processorTime()-before)/time.Duration(whole))
		}
	}
	fmt.Fprintf(r.out, "%d connections, answers of %d tokens, %d rounds of %s, load %s\n\n", connections, words, r.rounds, r.duration, load())
	fmt.Fprintln(r.out, "| | answers/s | beside nginx (min–max) | beside ReverseProxy (min–max) | its processor time for one |")
	fmt.Fprintln(r.out, "|---|---|---|---|---|")
	for i, p := range all {
		fmt.Fprintf(r.out, "| %s | %.0f | %s | %s | %s |\n", p.name, slices.Sorted(slices.Values(rates[i]))[len(rates[i])/2],
			beside(all, rates, i, "nginx"), beside(all, rates, i, "ReverseProxy"), median(used[i]))
	}
	whole, broken, err := all[len(all)-1].crowd(ctx, connections, func(n int64) bool { return n <= int64(r.streams) })
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "\n%d answers through Atrium, of which not whole: %d\n\n", whole+broken, broken)
	return nil
}

func (p path) processorTime() time.Duration {
	if p.server == nil {
		return 0
	}
	return familyTime(p.server.pid)
}

// crowd asks over so many connections while go on says so of the next number,
// and counts the answers.
func (p path) crowd(ctx context.Context, connections int, goOn func(n int64) bool) (whole, broken int64, err error) {
	var next, good, bad atomic.Int64
	var failed atomic.Pointer[error]
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			for goOn(next.Add(1)) && failed.Load() == nil {
				switch _, err := p.ask(ctx, false); {
				case err == nil:
					good.Add(1)
				case errors.Is(err, errTruncated):
					bad.Add(1)
				default:
					failed.Store(&err)
				}
			}
		})
	}
	all.Wait()
	if first := failed.Load(); first != nil {
		err = *first
	}
	return good.Load(), bad.Load(), err
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2].Round(time.Microsecond)
}
