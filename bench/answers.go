package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
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

func (r *rig) complete(ctx context.Context, cookie, code string) error {
	status, said, _, err := r.platform.call(ctx, http.MethodPost, "/api/ide/ai/complete", cookie, map[string]any{
		"code": code, "cursor": len(code), "language": "python",
	})
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("complete: %d %s", status, said)
	}
	return err
}

// hits compares a question that was answered before with a GET of Redis, and
// with a request of the platform that asks Redis nothing.
func (r *rig) hits(ctx context.Context, cookie string) error {
	options, err := redis.ParseURL(r.cache)
	if err != nil {
		return err
	}
	client := redis.NewClient(options)
	defer client.Close()
	if err := client.Set(ctx, "bench", strings.Repeat("x", 256), 0).Err(); err != nil {
		return err
	}
	const code = "answered = "
	for range 2 { // asked, and from then on given again
		if err := r.complete(ctx, cookie, code); err != nil {
			return err
		}
	}
	before := r.far.calls.Load()
	things := []struct {
		name string
		do   func() error
	}{
		{"Redis GET", func() error { return client.Get(ctx, "bench").Err() }},
		{"Atrium, session check", func() error {
			_, _, _, err := r.platform.call(ctx, http.MethodGet, "/api/auth/check", cookie, nil)
			return err
		}},
		{"Atrium, a completion given again", func() error { return r.complete(ctx, cookie, code) }},
	}
	took := make([][]time.Duration, len(things))
	for range r.rounds {
		for i, thing := range things {
			var one []time.Duration
			for began := time.Now(); time.Since(began) < r.duration; {
				at := time.Now()
				if err := thing.do(); err != nil {
					return err
				}
				one = append(one, time.Since(at))
			}
			slices.Sort(one)
			took[i] = append(took[i], one[len(one)/2])
		}
	}
	if asked := r.far.calls.Load() - before; asked > 0 {
		return fmt.Errorf("a hit asked the model %d times", asked)
	}
	fmt.Fprintf(r.out, "one connection, %d rounds of %s, load %s\n\n| | p50 |\n|---|---|\n", r.rounds, r.duration, load())
	for i, thing := range things {
		fmt.Fprintf(r.out, "| %s | %s |\n", thing.name, median(took[i]))
	}
	added := median(took[2]) - median(took[1])
	fmt.Fprintf(r.out, "\na hit beside a GET: %.1f× in all, %.1f× beyond what a session check takes\n\n",
		float64(median(took[2]))/float64(median(took[0])), float64(added)/float64(median(took[0])))
	return nil
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
