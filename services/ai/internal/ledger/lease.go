package ledger

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

const (
	// leaseFor is how long a process takes from a lease.
	leaseFor = 3 * time.Second
	// LeaseEnds is when the store no longer counts a lease: late enough for what was
	// taken last to have its row.
	LeaseEnds = 3 * leaseFor
	// leaseCalls is for how many calls like the one that asks a lease is wanted, at
	// least; mostCalls bounds what many calls a second ask for.
	leaseCalls, mostCalls = 32, 1 << 14
	// rowAfter is how long a call may run without a row of its own. Short ones end
	// before it, and need one statement.
	rowAfter = 50 * time.Millisecond
	// heldPause is between looks at whether another process's lease has ended.
	heldPause = 50 * time.Millisecond
)

// ErrHeldElsewhere refuses a call whose room another process has set aside, and
// gives back within seconds.
var ErrHeldElsewhere = apperr.New(apperr.Unavailable, "ALLOWANCE_BUSY",
	"What is left of this month's allowance is set aside for a moment. Try again in a few seconds.").WithRetryAfter(leaseFor)

// Lease is room in a user's month that the store has set aside for a process
// ahead of need. It counts as held until it ends or is given back.
type Lease struct{ Tokens, Cost int64 }

func (l Lease) plus(r Reservation) Lease {
	return Lease{Tokens: l.Tokens + r.Estimate(), Cost: l.Cost + r.CostEstimate()}
}

// Request is a reservation as the store is asked for it.
type Request struct {
	Reservation
	// Lease is the id of a lease that takes the place of the process's older ones
	// of this user; zero leaves them alone.
	Lease uuid.UUID
	// Taken is what was taken from those and is no row yet.
	Taken Lease
	// Ahead is what is wanted beside it: an eighth of what is left, at most, or
	// nothing when that would not do for a call like this one.
	Ahead Lease
}

// purse is the lease of one user's room, and what it was given for.
type purse struct {
	limit, budget  int64
	username, plan string
	month          time.Time

	lease uuid.UUID
	// until is when nothing is taken any more; zero while it is asked for.
	until time.Time
	asked time.Time
	left  Lease
	// served is how many calls were made of it.
	served int64
	// answered is closed when it is no longer asked for.
	answered chan struct{}
}

func purseOf(r Reservation, lease uuid.UUID) *purse {
	return &purse{
		limit: r.Limit, budget: r.Budget, username: r.Username, plan: r.Plan, month: MonthOf(r.CreatedAt),
		lease: lease, asked: time.Now(), answered: make(chan struct{}),
	}
}

func (p *purse) asking() bool { return p != nil && p.until.IsZero() && time.Since(p.asked) < leaseFor }

// calls is for how many calls the next lease is wanted: as many as this one's
// whole time would have seen, so that the month is summed up once in it.
func (p *purse) calls() int64 {
	if p == nil {
		return leaseCalls
	}
	whole := float64(p.served) * float64(leaseFor) / float64(max(time.Since(p.asked), time.Millisecond))
	return max(leaseCalls, min(mostCalls, int64(whole)))
}

func (p *purse) fits(r Reservation) bool {
	return time.Now().Before(p.until) && p.limit == r.Limit && p.budget == r.Budget &&
		p.username == r.Username && p.plan == r.Plan && p.month.Equal(MonthOf(r.CreatedAt))
}

// purses are the leases of a process, and the reservations that were taken from
// them and have no row yet.
type purses struct {
	mu   sync.Mutex
	of   map[uuid.UUID]*purse
	open map[uuid.UUID]taken
	wake chan struct{} // there is one without a row
	// waiting says that Keep has a look when the time comes.
	waiting bool
	// writing is held while rows are made of them.
	writing sync.Mutex
}

type taken struct {
	Reservation
	at time.Time
	// later says that its row is for due to see to, not for who took it.
	later bool
}

func newPurses() *purses {
	return &purses{of: map[uuid.UUID]*purse{}, open: map[uuid.UUID]taken{}, wake: make(chan struct{}, 1)}
}

// take takes a call's room from the user's lease, if it has it; while somebody asks
// for one, it waits for that first. later leaves its row to due.
func (p *purses) take(ctx context.Context, r Reservation, budget int64, later bool) bool {
	taken, answered := p.try(r, budget, later)
	if answered == nil {
		return taken
	}
	select {
	case <-answered:
		taken, _ = p.try(r, budget, later)
	case <-ctx.Done():
	}
	return taken
}

// try is take without waiting; answered is for what it would wait.
func (p *purses) try(r Reservation, budget int64, later bool) (ok bool, answered <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	from := p.of[r.UserID]
	if from.asking() {
		return false, from.answered
	}
	if from == nil || !from.fits(r) {
		return false, nil
	}
	need := Lease{}.plus(r)
	if (r.Limit >= 0 && need.Tokens > from.left.Tokens) || ((r.Budget >= 0 || budget >= 0) && need.Cost > from.left.Cost) {
		return false, nil
	}
	from.left = Lease{Tokens: from.left.Tokens - need.Tokens, Cost: from.left.Cost - need.Cost}
	from.served++
	p.open[r.ID] = taken{r, time.Now(), later}
	if later && !p.waiting {
		p.waiting = true
		select {
		case p.wake <- struct{}{}:
		default: // Keep has yet to take the last one
		}
	}
	return true, nil
}

// ask makes a reservation a request. It closes the user's lease, so that the
// store may give its rest to others, and asks for the next one, unless somebody
// does so at the moment.
func (p *purses) ask(r Reservation, lease uuid.UUID, ahead bool) Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := Request{Reservation: r}
	before := p.of[r.UserID]
	if before.asking() {
		return q
	}
	if before != nil && before.until.IsZero() {
		close(before.answered) // too late for whoever waits
	}
	p.of[r.UserID] = purseOf(r, lease)
	q.Lease = lease
	for _, t := range p.open {
		if t.UserID == r.UserID {
			q.Taken = q.Taken.plus(t.Reservation)
		}
	}
	if ahead {
		one := Lease{}.plus(r)
		calls := before.calls()
		q.Ahead = Lease{Tokens: calls * one.Tokens, Cost: calls * one.Cost}
	}
	return q
}

// told opens the lease that the store gave for a request.
func (p *purses) told(q Request, room Room, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine := p.of[q.UserID]
	if q.Lease == uuid.Nil || mine == nil || mine.lease != q.Lease {
		return
	}
	mine.until = mine.asked // over
	defer close(mine.answered)
	if err == nil && room.Fits && q.Ahead != (Lease{}) {
		mine.until, mine.left = mine.asked.Add(leaseFor), room.Ahead
	}
}

// end forgets reservations that are rows now.
func (p *purses) end(id uuid.UUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, id)
}

// due are those that have waited for their row so long.
func (p *purses) due(wait time.Duration) (all []Reservation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range p.open {
		if t.later && time.Since(t.at) >= wait {
			all = append(all, t.Reservation)
		}
	}
	return all
}

// wait says whether any waits for its row; if not, the next one that does wakes Keep.
func (p *purses) wait() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = false
	for _, t := range p.open {
		p.waiting = p.waiting || t.later
	}
	return p.waiting
}

// over takes out the leases that ended and of which all has its row.
func (p *purses) over() (ended []uuid.UUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	busy := map[uuid.UUID]bool{}
	for _, t := range p.open {
		busy[t.UserID] = true
	}
	for user, one := range p.of {
		if !one.until.IsZero() && time.Now().After(one.until) && !busy[user] {
			delete(p.of, user)
			ended = append(ended, one.lease)
		}
	}
	return ended
}

// Write makes rows of what was taken from leases and has none yet, so that
// everybody sees it.
func (b *Book) Write(ctx context.Context) error {
	return b.write(ctx, 0)
}

func (b *Book) write(ctx context.Context, wait time.Duration) error {
	b.purses.writing.Lock() // also what is being written is there when this returns
	defer b.purses.writing.Unlock()
	all := b.purses.due(wait)
	if len(all) == 0 {
		return nil
	}
	var faults []error
	for i, err := range b.store.Open(ctx, all) {
		if err == nil || errors.Is(err, ErrUserGone) {
			b.purses.end(all[i].ID)
		} else {
			faults = append(faults, err)
		}
	}
	return errors.Join(faults...)
}

// Keep makes the rows in time and gives leases back, to the end of ctx. fault
// hears of what could not be done and is tried again.
func (b *Book) Keep(ctx context.Context, fault func(error)) {
	giving := time.NewTicker(leaseFor)
	defer giving.Stop()
	writing := time.NewTimer(0)
	defer writing.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-giving.C:
			if ended := b.purses.over(); len(ended) > 0 {
				err = b.store.GiveBack(ctx, ended)
			}
		case <-b.purses.wake:
			writing.Reset(rowAfter)
		case <-writing.C:
			pause := rowAfter
			if err = b.write(ctx, rowAfter); err != nil {
				pause = time.Second
			}
			if b.purses.wait() {
				writing.Reset(pause)
			}
		}
		if err != nil && ctx.Err() == nil {
			fault(err)
		}
	}
}
