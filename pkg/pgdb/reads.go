package pgdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/metric"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/health"
)

// Replica says where reads are answered that may be a little old.
type Replica struct {
	URL config.Secret `name:"database-read-url" env:"DATABASE_READ_URL" help:"A streaming replica of Postgres, as a postgres:// URL, that answers reads which may be a little old, such as statistics and the audit log; without it, and while it is away or too far behind, the primary does."`
	Lag time.Duration `name:"database-read-lag" env:"ATRIUM_DATABASE_READ_LAG" default:"5s" help:"How old what the replica answers may be; at least 1s."`
}

// Validate reports a bound that can't be kept.
func (r Replica) Validate() error {
	if r.URL.IsSet() && r.Lag < time.Second {
		return fmt.Errorf("ATRIUM_DATABASE_READ_LAG: must be at least 1s, not %s", r.Lag)
	}
	return nil
}

const (
	// markEvery is how often it is noted where the primary is.
	markEvery = time.Second
	// replicaPatience bounds the wait for the replica's word on where it is.
	replicaPatience = time.Second
)

var (
	errNoReplica = errors.New("no replica is set")
	errBehind    = errors.New("the replica is too far behind")
	errPromoted  = errors.New("DATABASE_READ_URL names a server that is no replica")
)

// Reads answers reads that may be as old as Replica.Lag: by the replica while it
// keeps up, and otherwise by the primary.
//
// How old the replica's content is can't be read from its own clock, which
// stands still while nobody writes. So it is noted every second up to which
// place of its log the primary had written by then, and each connection to the
// replica is asked, before it is used, for the place up to which it has come.
// This also holds for a name that leads to several replicas.
type Reads struct {
	primary *pgxpool.Pool
	replica *pgxpool.Pool // nil: none is set
	most    time.Duration
	service string
	log     *slog.Logger
	count   func(ctx context.Context, server string)
	gauge   metric.Registration

	mu    sync.Mutex
	marks marks
	// seen is the newest moment of which the replica had everything when it was
	// looked at.
	seen time.Time
	// away says why the replica isn't used; nil is that it is.
	away error
	// cut ends alive, and so what the replica is answering, when it has gone.
	alive context.Context
	cut   context.CancelFunc

	stop context.CancelFunc
	done sync.WaitGroup
}

// OpenReads makes the reads of a service whose pool is primary. It does no I/O;
// until Start all reads go to the primary.
func OpenReads(s Replica, primary *pgxpool.Pool, service string, log *slog.Logger) (*Reads, error) {
	r := ByPrimary(primary)
	r.most, r.service, r.log = s.Lag, service, log
	if !s.URL.IsSet() {
		return r, nil
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	var err error
	if r.replica, err = open(s.URL, service, "DATABASE_READ_URL"); err != nil {
		return nil, err
	}
	if err := r.measure(); err != nil {
		r.replica.Close()
		return nil, fmt.Errorf("metrics of the replica: %w", err)
	}
	return r, nil
}

// ByPrimary makes reads that the primary answers always.
func ByPrimary(primary *pgxpool.Pool) *Reads {
	return &Reads{
		primary: primary, away: errNoReplica,
		stop: func() {}, cut: func() {}, count: func(context.Context, string) {},
	}
}

// Start follows the replica until Close. It waits for nothing.
func (r *Reads) Start(ctx context.Context) {
	if r.replica == nil {
		return
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop = stop
	r.done.Go(func() { r.follow(background) })
}

// Close ends it. It may be called twice.
func (r *Reads) Close() error {
	r.stop()
	r.done.Wait()
	if r.replica == nil {
		return nil
	}
	r.replica.Close()
	return r.gauge.Unregister()
}

// Do runs a read. When the replica fails meanwhile it is run once more, with the
// primary: read must keep nothing of a first time.
func (r *Reads) Do(ctx context.Context, read func(ctx context.Context, db Querier) error) error {
	err := r.byReplica(ctx, read)
	if err == nil || ctx.Err() != nil {
		return err
	}
	r.count(ctx, "primary")
	return read(ctx, r.primary)
}

func (r *Reads) byReplica(ctx context.Context, read func(ctx context.Context, db Querier) error) error {
	r.mu.Lock()
	away, alive := r.away, r.alive
	r.mu.Unlock()
	if away != nil {
		return away
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(alive, cancel)()
	conn, place, err := r.reach(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if !r.fresh(place) {
		return errBehind
	}
	if err := read(ctx, conn); err != nil {
		return err
	}
	r.count(ctx, "replica")
	return nil
}

// reach gives a connection to the replica and the place up to which it has come.
func (r *Reads) reach(ctx context.Context) (*pgxpool.Conn, int64, error) {
	ctx, cancel := context.WithTimeout(ctx, replicaPatience)
	defer cancel()
	conn, err := r.replica.Acquire(ctx)
	if err != nil {
		return nil, 0, err
	}
	var follows bool
	var place *int64
	err = conn.QueryRow(ctx, `SELECT pg_is_in_recovery(), (pg_last_wal_replay_lsn() - '0/0')::bigint`).Scan(&follows, &place)
	if err == nil && (!follows || place == nil) {
		err = errPromoted
	}
	if err != nil {
		conn.Release()
		return nil, 0, err
	}
	return conn, *place, nil
}

func (r *Reads) fresh(place int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Since(r.marks.passed(place)) <= r.most
}

// Ready says when the replica isn't used, and why, which keeps nobody from
// being ready.
func (r *Reads) Ready(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.away == nil:
		return nil
	case errors.Is(r.away, errBehind):
		return health.OptionalError("behind")
	}
	return health.OptionalError("down")
}

// Dependencies names the replica, where one is set, with Ready.
func (r *Reads) Dependencies() map[string]func(context.Context) error {
	if r.replica == nil {
		return map[string]func(context.Context) error{}
	}
	return map[string]func(context.Context) error{"postgres replica": r.Ready}
}
