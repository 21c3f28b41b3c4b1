package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// contestant is a server and the request that it is measured with.
type contestant struct {
	name    string
	server  *program
	method  string
	path    string
	headers []string
	// body is sent with each request.
	body string
}

// result is one measurement.
type result struct {
	p50, p99  time.Duration
	perSecond float64
	// cpu is the server's own processor time for each request.
	cpu time.Duration
}

// measure loads a server with wrk over a number of connections.
func (r *rig) measure(ctx context.Context, c contestant, connections int) (result, error) {
	script := filepath.Join(r.dir, "method.lua")
	if err := os.WriteFile(script, fmt.Appendf(nil, "wrk.method = %q\nwrk.body = %q\n", c.method, c.body), 0o600); err != nil {
		return result{}, err
	}
	args := []string{
		"-t1", "-c" + strconv.Itoa(connections), fmt.Sprintf("-d%ds", max(1, int(r.duration.Seconds()))),
		"--latency", "-s", script,
	}
	for _, h := range c.headers {
		args = append(args, "-H", h)
	}
	before := processorTime(c.server.pid)
	said, err := exec.CommandContext(ctx, "wrk", append(args, c.server.base+c.path)...).CombinedOutput()
	used := processorTime(c.server.pid) - before
	if err != nil {
		return result{}, fmt.Errorf("wrk (Debian's package wrk): %w: %s", err, said)
	}
	out, requests, err := parse(string(said))
	if err != nil {
		return result{}, fmt.Errorf("%s: %w\n%s", c.name, err, said)
	}
	out.cpu = used / time.Duration(max(1, requests))
	return out, nil
}

var (
	percentile = regexp.MustCompile(`(?m)^\s+(50|99)%\s+([0-9.]+)(us|ms|s)$`)
	rate       = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	total      = regexp.MustCompile(`(\d+) requests in`)
)

func parse(said string) (out result, requests int, err error) {
	if strings.Contains(said, "Non-2xx") || strings.Contains(said, "Socket errors") {
		return result{}, 0, errors.New("not every request was answered well")
	}
	for _, found := range percentile.FindAllStringSubmatch(said, -1) {
		value, err := time.ParseDuration(found[2] + found[3])
		if err != nil {
			return result{}, 0, err
		}
		if found[1] == "50" {
			out.p50 = value
		} else {
			out.p99 = value
		}
	}
	perSecond, count := rate.FindStringSubmatch(said), total.FindStringSubmatch(said)
	if perSecond == nil || count == nil {
		return result{}, 0, errors.New("wrk said nothing readable")
	}
	out.perSecond, _ = strconv.ParseFloat(perSecond[1], 64) // the pattern is a number's
	requests, _ = strconv.Atoi(count[1])
	return out, requests, nil
}

// processorTime is what a process has used so far, in steps of 10 ms.
func processorTime(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// databaseTime is what the rig's Postgres has used, its backends included.
func (r *rig) databaseTime() time.Duration {
	text, err := os.ReadFile(filepath.Join(r.dir, "postgres", "data", "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(text), "\n")
	server, err := strconv.Atoi(line)
	if err != nil {
		return 0
	}
	return familyTime(server)
}

// familyTime is what a process and its running children have used so far.
func familyTime(server int) time.Duration {
	all := processorTime(server)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if err == nil && fields[1] == strconv.Itoa(server) {
			all += processorTime(pid)
		}
	}
	return all
}
