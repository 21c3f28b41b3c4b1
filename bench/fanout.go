package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// beat is the pause between two tokens of an answer that many follow.
const beat = 20 * time.Millisecond

// delivery is how long tokens took to their readers, and how much processor
// time of the platform each took for each reader.
type delivery struct {
	took []time.Duration
	cpu  time.Duration
}

// fanOut compares how long a token takes from the model to each of many who
// follow one answer, with how long an entry of a stream takes to as many who
// read it from the same Redis directly.
func fanOut(ctx context.Context, r *rig) error {
	cookie, err := r.asker(ctx, "barbara")
	if err != nil {
		return err
	}
	r.far.pace.Store(int64(beat))
	defer r.far.pace.Store(0)
	fmt.Fprintf(r.out, "a token every %s, %d rounds, load %s\n\n", beat, r.rounds, load())
	fmt.Fprintln(r.out, "| readers | Redis p50 | p99 | Atrium p50 | p99 | p50 ratio (min–max) | CPU/token and reader |\n|---|---|---|---|---|---|---|")
	for _, readers := range []int{1, 10, 100} {
		var bare, ours delivery
		var ratios []float64
		for range r.rounds {
			one, err := r.fromRedis(ctx, readers)
			if err != nil {
				return err
			}
			other, err := r.fromAtrium(ctx, cookie, readers)
			if err != nil {
				return err
			}
			ratios = append(ratios, float64(median(other.took))/float64(median(one.took)))
			bare.took, ours.took, ours.cpu = append(bare.took, one.took...), append(ours.took, other.took...), ours.cpu+other.cpu/time.Duration(r.rounds)
		}
		slices.Sort(ratios)
		fmt.Fprintf(r.out, "| %d | %s | %s | %s | %s | %.1f (%.1f–%.1f) | %s |\n", readers, median(bare.took), late(bare.took),
			median(ours.took), late(ours.took), ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1], ours.cpu.Round(time.Microsecond))
	}
	return nil
}

// late is the 99th percentile.
func late(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)*99/100].Round(time.Microsecond)
}

// fromAtrium has an answer written and followed by so many at the same time.
func (r *rig) fromAtrium(ctx context.Context, cookie string, readers int) (d delivery, err error) {
	conversation, err := r.platform.converse(ctx, cookie)
	if err != nil {
		return d, err
	}
	answer := ""
	err = r.platform.events(ctx, http.MethodPost, "/api/chat/conversations/"+conversation+"/messages", cookie,
		map[string]string{"content": "Count."}, func(_ string, data []byte) (bool, error) {
			var start struct{ AssistantMessage struct{ ID string } }
			err := json.Unmarshal(data, &start)
			answer = start.AssistantMessage.ID
			return false, err
		})
	if err != nil {
		return d, err
	}
	before, faults, seen := processorTime(r.platform.pid), make([]error, readers), make([]map[int]time.Time, readers)
	var all sync.WaitGroup
	for i := range readers {
		all.Go(func() { seen[i], faults[i] = r.platform.tokens(ctx, cookie, answer) })
	}
	all.Wait()
	d.cpu = (processorTime(r.platform.pid) - before) / time.Duration(readers*words)
	for token, wrote := range r.far.times() {
		for _, one := range seen {
			if at, live := one[token]; live {
				d.took = append(d.took, at.Sub(wrote))
			}
		}
	}
	if err := errors.Join(faults...); err != nil {
		return d, err
	}
	if len(d.took) < readers*words/2 {
		return d, fmt.Errorf("%d readers saw %d tokens", readers, len(d.took))
	}
	return d, nil
}

// tokens follows an answer to its end, and gives when each token came. What had
// been written before comes at once and is left out.
func (p *program) tokens(ctx context.Context, cookie, answer string) (map[int]time.Time, error) {
	at, first := map[int]time.Time{}, true
	return at, p.events(ctx, http.MethodGet, "/api/chat/messages/"+answer+"/stream", cookie, nil, func(name string, data []byte) (bool, error) {
		if name != "delta" {
			return true, nil
		}
		now := time.Now()
		var delta struct{ Text string }
		if err := json.Unmarshal(data, &delta); err != nil {
			return false, err
		}
		for token := range strings.FieldsSeq(delta.Text) {
			n, err := strconv.Atoi(token)
			if err != nil {
				return false, err
			}
			if !first {
				at[n] = now
			}
		}
		first = false
		return true, nil
	})
}

// fromRedis has a stream written at the same pace and read by so many.
func (r *rig) fromRedis(ctx context.Context, readers int) (d delivery, err error) {
	options, err := redis.ParseURL(r.cache)
	if err != nil {
		return d, err
	}
	options.PoolSize = readers + 1
	client := redis.NewClient(options)
	defer client.Close()
	stream := fmt.Sprintf("bench:%d", time.Now().UnixNano())
	wrote, seen, faults := make([]time.Time, words+1), make([][]time.Time, readers), make([]error, readers)
	var all sync.WaitGroup
	for i := range readers {
		all.Go(func() {
			for last := "0"; len(seen[i]) <= words; {
				got, err := client.XRead(ctx, &redis.XReadArgs{Streams: []string{stream, last}, Block: time.Minute}).Result()
				if err != nil {
					faults[i] = err
					return
				}
				now := time.Now()
				for _, m := range got[0].Messages {
					last, seen[i] = m.ID, append(seen[i], now)
				}
			}
		})
	}
	for n := range wrote {
		time.Sleep(beat)
		wrote[n] = time.Now()
		if err := client.XAdd(ctx, &redis.XAddArgs{Stream: stream, Values: []string{"text", strconv.Itoa(n)}}).Err(); err != nil {
			return d, err
		}
	}
	all.Wait()
	for _, one := range seen {
		for n, at := range one[min(1, len(one)):] {
			d.took = append(d.took, at.Sub(wrote[n+1]))
		}
	}
	return d, errors.Join(errors.Join(faults...), client.Del(ctx, stream).Err())
}
