package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// noise is how far a contestant's own throughput may spread over the rounds
// before its row says so.
const noise = 0.15

// compare measures all contestants in turn, for as many rounds as the rig
// makes, and prints each beside the first.
func (r *rig) compare(ctx context.Context, connections int, all ...contestant) error {
	rounds := make([][]result, len(all))
	for range r.rounds {
		for i, c := range all {
			got, err := r.measure(ctx, c, connections)
			if err != nil {
				return err
			}
			rounds[i] = append(rounds[i], got)
		}
	}
	fmt.Fprintf(r.out, "%d connection(s), %d rounds of %s, load %s\n\n", connections, r.rounds, r.duration, load())
	fmt.Fprintln(r.out, "| | p50 | p99 | requests/s | CPU/request | p50 ratio (min–max) | requests/s ratio (min–max) | |")
	fmt.Fprintln(r.out, "|---|---|---|---|---|---|---|---|")
	for i, c := range all {
		mine := rounds[i]
		remark := ""
		if spread(mine) > noise {
			remark = fmt.Sprintf("noisy: spread %.0f %%", 100*spread(mine))
		}
		fmt.Fprintf(r.out, "| %s | %s | %s | %.0f | %s | %s | %s | %s |\n", c.name,
			middle(mine, func(x result) time.Duration { return x.p50 }), middle(mine, func(x result) time.Duration { return x.p99 }),
			middle(mine, func(x result) float64 { return x.perSecond }), middle(mine, func(x result) time.Duration { return x.cpu }),
			ratios(mine, rounds[0], func(x result) float64 { return float64(x.p50) }),
			ratios(mine, rounds[0], func(x result) float64 { return x.perSecond }), remark)
	}
	fmt.Fprintln(r.out)
	return nil
}

// middle is the median.
func middle[T cmp.Ordered](results []result, of func(result) T) T {
	var values []T
	for _, x := range results {
		values = append(values, of(x))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// ratios compares round by round: the median, and between what it lay.
func ratios(mine, first []result, of func(result) float64) string {
	var all []float64
	for i := range mine {
		all = append(all, of(mine[i])/of(first[i]))
	}
	slices.Sort(all)
	return fmt.Sprintf("%.3f (%.3f–%.3f)", all[len(all)/2], all[0], all[len(all)-1])
}

func spread(results []result) float64 {
	var values []float64
	for _, x := range results {
		values = append(values, x.perSecond)
	}
	slices.Sort(values)
	return (values[len(values)-1] - values[0]) / values[len(values)/2]
}

func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(text), " ")
	return one
}
