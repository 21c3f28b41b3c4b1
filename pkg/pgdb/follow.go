package pgdb

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"atrium.internal/pkg/semconv"
)

// mark says that by a moment the primary had written its log up to a place:
// who has come as far has all that was committed before the moment.
type mark struct {
	at    time.Time
	place int64
}

// mostMarks bounds how long a replica that is far behind is told from one that
// is further behind.
const mostMarks = 3600

// marks are kept oldest first.
type marks []mark

// passed is the newest moment of which somebody at place has everything.
func (m marks) passed(place int64) time.Time {
	var newest time.Time
	for _, each := range m {
		if each.place <= place {
			newest = each.at
		}
	}
	return newest
}

// add notes a mark, unless there are too many, which makes a replica look older
// than it is, and drops those of before a moment that are not needed for it.
func (m marks) add(one mark, before time.Time) marks {
	for len(m) > 1 && m[1].at.Before(before) {
		m = m[1:]
	}
	if len(m) >= mostMarks {
		return m
	}
	return append(m, one)
}

// follow keeps looking where primary and replica are.
func (r *Reads) follow(ctx context.Context) {
	ticker := time.NewTicker(min(markEvery, r.most/4))
	defer ticker.Stop()
	for {
		r.note(ctx)
		err := r.look(ctx)
		if ctx.Err() != nil {
			r.judge(ctx, ctx.Err())
			return
		}
		r.judge(ctx, err)
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// note notes where the primary is. When it can't be asked no mark is made, and
// what the replica has grows old.
func (r *Reads) note(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, replicaPatience)
	defer cancel()
	one := mark{at: time.Now()}
	if r.primary.QueryRow(ctx, `SELECT (pg_current_wal_lsn() - '0/0')::bigint`).Scan(&one.place) != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	needed := one.at.Add(-r.most)
	if r.seen.Before(needed) {
		needed = r.seen
	}
	r.marks = r.marks.add(one, needed)
}

// look asks the replica whether it may be used.
func (r *Reads) look(ctx context.Context) error {
	conn, place, err := r.reach(ctx)
	if err != nil {
		return err
	}
	conn.Release()
	r.mu.Lock()
	if at := r.marks.passed(place); at.After(r.seen) {
		r.seen = at
	}
	r.mu.Unlock()
	if !r.fresh(place) {
		return errBehind
	}
	return nil
}

// judge takes the replica in use, or out of it: then what it is just answering
// ends, and is asked of the primary.
func (r *Reads) judge(ctx context.Context, err error) {
	r.mu.Lock()
	was := r.away
	r.away = err
	if err == nil && was != nil {
		r.alive, r.cut = context.WithCancel(context.WithoutCancel(ctx))
	}
	if err != nil && !errors.Is(err, errBehind) {
		r.cut()
	}
	r.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case err == nil && was != nil:
		r.log.InfoContext(ctx, "the database's replica answers reads")
	case err != nil && (was == nil || errors.Is(was, errNoReplica)):
		r.log.WarnContext(ctx, "the database's replica is not used: the primary answers its reads", "error", err)
	}
}

func (r *Reads) measure() error {
	meter := otel.Meter(semconv.Scope("pgdb"))
	name := semconv.Service.String(r.service)
	reads, fault := meter.Int64Counter(semconv.DatabaseReads,
		metric.WithDescription("Reads that may be a little old, by who answered: primary or replica."))
	lag, also := meter.Float64ObservableGauge(semconv.DatabaseReplicaLag, metric.WithUnit("s"),
		metric.WithDescription("How old what the replica has is at most."))
	if err := errors.Join(fault, also); err != nil {
		return err
	}
	r.count = func(ctx context.Context, server string) {
		reads.Add(ctx, 1, metric.WithAttributeSet(attribute.NewSet(name, semconv.Server.String(server))))
	}
	r.seen = time.Now()
	var err error
	r.gauge, err = meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		o.ObserveFloat64(lag, time.Since(r.seen).Seconds(), metric.WithAttributes(name))
		return nil
	}, lag)
	return err
}
