package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"
)

// used is what the platform and its databases have taken so far: processor
// time, and in bytes the memory of the platform, of Redis' keys, and the files
// of Postgres without its log.
type used struct {
	platform, postgres, redis time.Duration
	memory, keys, disk        int64
}

func (u used) less(before used) used {
	return used{
		u.platform - before.platform, u.postgres - before.postgres, u.redis - before.redis,
		u.memory - before.memory, u.keys - before.keys, u.disk - before.disk,
	}
}

func (r *rig) used(ctx context.Context) (u used, err error) {
	conn, err := pgx.Connect(ctx, r.database)
	if err != nil {
		return u, err
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := conn.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&u.disk); err != nil {
		return u, err
	}
	options, err := redis.ParseURL(r.cache)
	if err != nil {
		return u, err
	}
	client := redis.NewClient(options)
	defer client.Close()
	said, err := client.Info(ctx, "memory", "cpu").Result()
	if err != nil {
		return u, err
	}
	for line := range strings.Lines(said) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch name {
		case "used_memory":
			u.keys, err = strconv.ParseInt(value, 10, 64)
		case "used_cpu_user", "used_cpu_sys":
			var seconds float64
			seconds, err = strconv.ParseFloat(value, 64)
			u.redis += time.Duration(seconds * float64(time.Second))
		}
		if err != nil {
			return u, fmt.Errorf("redis says %q: %w", line, err)
		}
	}
	u.platform, u.postgres, u.memory = processorTime(r.platform.pid), r.databaseTime(), memory(r.platform.pid)
	return u, nil
}

// memory is a process' proportional share, in bytes.
func memory(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0 // it has ended
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "Pss:" {
			kib, _ := strconv.ParseInt(fields[1], 10, 64) // the kernel writes a number
			return kib << 10
		}
	}
	return 0
}

func each(d time.Duration, n int) time.Duration {
	return (d / time.Duration(n)).Round(time.Microsecond)
}

// size writes an n-th of some bytes.
func size(bytes int64, n int) string {
	kib := float64(bytes) / float64(n) / 1024
	if kib > 10<<10 {
		return fmt.Sprintf("%.0f MiB", kib/1024)
	}
	return fmt.Sprintf("%.1f KiB", kib)
}

func drainBody(response *http.Response) {
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body) // it is cut when enough was seen
}
