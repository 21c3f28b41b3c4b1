package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sys/unix"
)

// answers measures the answer cache of the editor's questions, a crowd that
// asks the same, and how soon a provider learns that nobody waits any more.
func answers(ctx context.Context, r *rig) error {
	cookie, err := r.asker(ctx, "editor")
	if err != nil {
		return err
	}
	if err := r.hits(ctx, cookie); err != nil {
		return err
	}
	if err := r.sameAtOnce(ctx, cookie); err != nil {
		return err
	}
	return r.cancels(ctx, cookie)
}

func completion(code string) map[string]any {
	return map[string]any{"code": code, "cursor": len(code), "language": "python"}
}

func (r *rig) complete(ctx context.Context, cookie, code string) error {
	status, said, _, err := r.platform.call(ctx, http.MethodPost, "/api/ide/ai/complete", cookie, completion(code))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("complete: %d %s", status, said)
	}
	return err
}

// hits compares a question that was answered before with a GET of Redis, and with a
// request of the platform that asks Redis nothing. Each is loaded by a program in C
// over one connection.
func (r *rig) hits(ctx context.Context, cookie string) error {
	const code = "answered = "
	for range 2 { // asked, and from then on given again
		if err := r.complete(ctx, cookie, code); err != nil {
			return err
		}
	}
	question, err := json.Marshal(completion(code))
	if err != nil {
		return err
	}
	headers := []string{"Host: " + r.platform.host, "Cookie: " + cookie, "Sec-Fetch-Site: same-origin", "Content-Type: application/json"}
	things := []contestant{
		{name: "Atrium, session check", server: r.platform, method: http.MethodGet, path: "/api/auth/check", headers: headers},
		{name: "Atrium, a completion given again", server: r.platform, method: http.MethodPost, path: "/api/ide/ai/complete", headers: headers, body: string(question)},
	}
	before := r.far.calls.Load()
	var near, apart []time.Duration
	took := make([][]result, len(things))
	for range r.rounds {
		one, two, err := r.redisGet(ctx)
		if err != nil {
			return err
		}
		near, apart = append(near, one), append(apart, two)
		for i, c := range things {
			got, err := r.measure(ctx, c, 1)
			if err != nil {
				return err
			}
			took[i] = append(took[i], got)
		}
	}
	if asked := r.far.calls.Load() - before; asked > 0 {
		return fmt.Errorf("a hit asked the model %d times", asked)
	}
	fmt.Fprintf(r.out, "one connection, %d rounds of %s, load %s\n\n| | p50 | CPU/request | beside a GET on one processor (min–max) | and on two |\n|---|---|---|---|---|\n", r.rounds, r.duration, load())
	fmt.Fprintf(r.out, "| Redis GET, client and server on one processor | %s | | | |\n", median(near))
	fmt.Fprintf(r.out, "| Redis GET, on two | %s | | | |\n", median(apart))
	for i, c := range things {
		beside := func(gets []time.Duration) string {
			var all []float64
			for n, got := range took[i] {
				all = append(all, float64(got.p50)/float64(gets[n]))
			}
			slices.Sort(all)
			return fmt.Sprintf("%.1f (%.1f–%.1f)", all[len(all)/2], all[0], all[len(all)-1])
		}
		fmt.Fprintf(r.out, "| %s | %s | %s | %s | %s |\n", c.name, middle(took[i], func(x result) time.Duration { return x.p50 }),
			middle(took[i], func(x result) time.Duration { return x.cpu }), beside(near), beside(apart))
	}
	fmt.Fprintln(r.out)
	return nil
}

// redisGet is the median of how long a GET of a key of 256 bytes takes, with client and
// server on one processor and on two. Left to the kernel it is one or the other for a
// whole run, and one that sleeps has to be woken for each.
func (r *rig) redisGet(ctx context.Context) (near, apart time.Duration, err error) {
	options, err := redis.ParseURL(r.cache)
	if err != nil {
		return 0, 0, err
	}
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Set(ctx, "bench", strings.Repeat("x", 256), 0).Err(); err != nil {
		return 0, 0, err
	}
	said, err := client.Info(ctx, "server").Result()
	if err != nil {
		return 0, 0, err
	}
	_, said, _ = strings.Cut(said, "process_id:")
	pid, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(said, "\n", 2)[0]))
	if err != nil {
		return 0, 0, fmt.Errorf("redis does not say its process: %w", err)
	}
	var before, first unix.CPUSet
	if err := unix.SchedGetaffinity(pid, &before); err != nil {
		return 0, 0, err
	}
	first.Set(0)
	if err := unix.SchedSetaffinity(pid, &first); err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, unix.SchedSetaffinity(pid, &before)) }()
	if near, err = redisBenchmark(ctx, options.Addr, 0); err != nil {
		return 0, 0, err
	}
	apart, err = redisBenchmark(ctx, options.Addr, 1)
	return near, apart, err
}

// redisBenchmark is a median by redis-benchmark on the given processor.
func redisBenchmark(ctx context.Context, address string, cpu int) (time.Duration, error) {
	said, err := exec.CommandContext(ctx, "taskset", "-c", strconv.Itoa(cpu),
		"redis-benchmark", "-s", address, "-c", "1", "-n", "50000", "--precision", "3", "--csv", "GET", "bench").CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("redis-benchmark (Debian's package redis-tools): %w: %s", err, said)
	}
	lines, err := csv.NewReader(bytes.NewReader(said)).ReadAll()
	if err != nil || len(lines) != 2 {
		return 0, fmt.Errorf("redis-benchmark said nothing readable: %s", said)
	}
	column := slices.Index(lines[0], "p50_latency_ms")
	if column < 0 {
		return 0, fmt.Errorf("redis-benchmark gives no median: %s", said)
	}
	return time.ParseDuration(lines[1][column] + "ms")
}

// sameAtOnce has a hundred ask the same while it is being answered.
func (r *rig) sameAtOnce(ctx context.Context, cookie string) error {
	const callers = 100
	r.far.pace.Store(int64(20 * time.Millisecond))
	defer r.far.pace.Store(0)
	before := r.far.calls.Load()
	faults := make([]error, callers)
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() { faults[i] = r.complete(ctx, cookie, "at once = ") })
	}
	all.Wait()
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	fmt.Fprintf(r.out, "%d who asked the same at once: %d calls of the model\n\n", callers, r.far.calls.Load()-before)
	return nil
}

// cancels measures from a caller's going to the provider's noticing.
func (r *rig) cancels(ctx context.Context, cookie string) error {
	r.far.pace.Store(int64(20 * time.Millisecond))
	defer r.far.pace.Store(0)
	r.far.leaving()
	var waits []time.Duration
	for n := range 50 {
		asked := r.far.calls.Load()
		leaving, leave := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = r.complete(leaving, cookie, fmt.Sprintf("left_%d = ", n)) // it is given up
		}()
		for r.far.calls.Load() == asked {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond) // the answer is being written
		went := time.Now()
		leave()
		<-ended
		for deadline := went.Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
			if left := r.far.leaving(); len(left) > 0 {
				waits = append(waits, left[0].Sub(went))
				break
			}
		}
	}
	if len(waits) == 0 {
		return fmt.Errorf("no provider noticed that its caller left")
	}
	slices.Sort(waits)
	fmt.Fprintf(r.out, "%d of 50 callers who left: the provider noticed after p50 %s, p99 %s\n", len(waits), median(waits), waits[len(waits)*99/100])
	return nil
}
