package audit

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/household"
	"atrium.internal/pkg/principal"
)

// What refusals may cost. Of each type of event, a process writes at most
// twice maxKinds rows a window, and a few for what has no room.
const (
	flushEvery = time.Second
	window     = time.Minute
	// maxKinds is how many refusals of one type that differ are told apart.
	maxKinds = 60
	// maxOfOne is how many of those may be one caller's.
	maxOfOne = 10
	// lastFlush bounds what is done at the stop.
	lastFlush = 5 * time.Second
)

// Times is the key in an entry's metadata of how often it happened, where that
// is not once.
const Times = "times"

// Refusals writes the log of what was refused. Whoever is refused did not wait
// for a transaction and costs none: what is alike within a minute becomes one
// row at once, and one more that says how often it happened again.
type Refusals struct {
	log *slog.Logger
	db  Execer

	mu    sync.Mutex
	since time.Time
	seen  map[kind]*tally
	// used counts what is told apart, by type and by type and caller.
	used map[kind]int
}

// kind is what makes two refusals alike; the less is filled in, the more are.
type kind struct {
	event, reason, what string
	user                uuid.UUID
	household           string
}

// tally is a kind with the first refusal of it.
type tally struct {
	caller principal.Principal
	entry  Entry
	// unwritten is how many no row tells of yet; told says that some row does.
	unwritten int
	told      bool
}

// NewRefusals writes in a pool of a service's role, while Run runs.
func NewRefusals(log *slog.Logger, db Execer) *Refusals {
	return &Refusals{log: log, db: db, since: time.Now(), seen: map[kind]*tally{}, used: map[kind]int{}}
}

// Note keeps a refusal to be written within a second. It never waits.
func (r *Refusals) Note(ctx context.Context, e Entry) {
	mark(ctx)
	r.note(ctx, e)
}

// Told keeps word of something that went well and is too small and frequent for
// a row each time; it is written as refusals are.
func (r *Refusals) Told(ctx context.Context, e Entry) {
	mark(ctx)
	e.Status = Success
	r.note(ctx, e)
}

func (r *Refusals) note(ctx context.Context, e Entry) {
	caller, _ := principal.From(ctx)
	if e.UserID == uuid.Nil {
		e.UserID = caller.UserID
	}
	if e.Status == "" {
		e.Status = Failure
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.room(kind{e.EventType, e.Error, e.Action + " " + e.ResourceType, e.UserID, household.Of(caller.Client.Address)})
	if r.seen[k] == nil {
		if k.household == "" && k.what == "" { // many callers in one
			caller, e = principal.Principal{}, Entry{EventType: e.EventType, Action: "several", Status: e.Status, Error: e.Error}
		}
		r.seen[k] = &tally{caller: caller, entry: e}
	}
	r.seen[k].unwritten++
}

// room gives the kind itself, or a wider one when it is new and too many are
// told apart already.
func (r *Refusals) room(k kind) kind {
	if r.seen[k] != nil {
		return k
	}
	all := kind{event: k.event}
	one := kind{event: k.event, user: k.user, household: k.household}
	if r.used[one] >= maxOfOne {
		k.what = ""
	}
	if r.seen[k] == nil && r.used[all] >= maxKinds {
		return kind{event: k.event, reason: k.reason}
	}
	if r.seen[k] == nil {
		r.used[all]++
		r.used[one]++
	}
	return k
}

// Run writes what is noted until ctx ends, and then the rest.
func (r *Refusals) Run(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
			defer cancel()
			r.flush(ctx, true)
			return
		case <-ticker.C:
			r.flush(ctx, false)
		}
	}
}

// flush writes what is new, and at a window's end what happened again since. A
// window that can't be written goes on, so that nothing is lost meanwhile and
// no more is kept.
func (r *Refusals) flush(ctx context.Context, last bool) {
	r.mu.Lock()
	over := last || time.Since(r.since) >= window
	due := map[*tally]int{}
	for _, t := range r.seen {
		if t.unwritten > 0 && (over || !t.told) {
			due[t] = t.unwritten
		}
	}
	r.mu.Unlock()
	for t, times := range due {
		if err := r.write(ctx, t, times); err != nil {
			r.log.WarnContext(ctx, "refusals not written to the audit log yet", "error", err)
			over = false
			continue
		}
		r.mu.Lock()
		t.unwritten -= times
		t.told = true
		r.mu.Unlock()
	}
	if !over {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.since = time.Now()
	clear(r.used)
	maps.DeleteFunc(r.seen, func(_ kind, t *tally) bool { return t.unwritten == 0 })
	for _, t := range r.seen {
		t.told = false // noted while the others were being written
	}
}

func (r *Refusals) write(ctx context.Context, t *tally, times int) error {
	e := t.entry
	if times > 1 || t.told {
		e.Metadata = maps.Clone(e.Metadata)
		if e.Metadata == nil {
			e.Metadata = map[string]any{}
		}
		e.Metadata[Times] = times
	}
	return insert(ctx, r.db, t.caller, e)
}
