package warm

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"time"

	"atrium.internal/services/ide/internal/driver"
)

const (
	// lately is how far back demand is counted.
	lately = 10 * time.Minute
	// enough is the memory below which no slot is made, scarce that below which
	// those that there are give theirs back.
	enough = 1 << 30
	scarce = enough / 2
)

// run looks after the slots until ctx ends.
func (p *Pool) run(ctx context.Context) {
	p.mu.Lock()
	mine := p.release != nil
	p.mu.Unlock()
	for mine {
		wait := lookEvery
		switch rest := p.rest(time.Now()); {
		case rest > 0:
			wait = rest
		default:
			p.weed(ctx)
			if !p.lacks() {
				break
			}
			if err := p.fill(ctx); err != nil {
				if ctx.Err() != nil {
					return
				}
				p.o.Log.WarnContext(ctx, "a workspace can't be made ready ahead", "isolation", p.o.Driver.Name(), "error", err)
				wait = againAfter
			} else {
				wait = 0
			}
		}
		if !pause(ctx, wait, p.wake) {
			return
		}
	}
}

// rest is how long those who just got a sandbox still have the processor.
func (p *Pool) rest(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.asked) == 0 {
		return 0
	}
	return p.asked[len(p.asked)-1].Add(p.o.Rest).Sub(now)
}

// want is how many slots there shall be: one, and one more for each sandbox that
// was asked for lately, as far as memory allows.
func (p *Pool) want(now time.Time) (slots int, more bool) {
	free, err := p.o.Available()
	if err != nil || free < scarce {
		return 0, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.asked) > 1 && now.Sub(p.asked[0]) > lately {
		p.asked = p.asked[1:]
	}
	recent := len(p.asked)
	if recent == 1 && now.Sub(p.asked[0]) > lately {
		recent = 0
	}
	return min(p.o.Most, 1+recent), free >= enough
}

func (p *Pool) lacks() bool {
	slots, more := p.want(time.Now())
	return more && p.Warm() < slots
}

// weed ends slots that died, grew old, or are too many.
func (p *Pool) weed(ctx context.Context) {
	most, _ := p.want(time.Now())
	p.mu.Lock()
	slots := append([]slot(nil), p.slots...)
	p.mu.Unlock()
	for i, s := range slots {
		_, err := p.o.Driver.Stats(ctx, s.handle)
		if len(slots)-i > most || time.Since(s.made) > oldAfter || errors.Is(err, driver.ErrNotRunning) {
			if p.remove(s) {
				p.destroy(ctx, s.handle)
			}
		}
	}
}

// remove takes a slot out, unless somebody has by now.
func (p *Pool) remove(gone slot) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, s := range p.slots {
		if s.handle.WorkspaceID == gone.handle.WorkspaceID {
			p.slots = append(p.slots[:i:i], p.slots[i+1:]...)
			return true
		}
	}
	return false
}

// fill makes one slot more.
func (p *Pool) fill(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, warmWithin)
	defer cancel()
	h, err := p.o.Driver.Warm(ctx, p.o.Env)
	if err != nil {
		return err
	}
	err = p.o.Ready(ctx, func(ctx context.Context) (net.Conn, error) { return p.o.Driver.Dial(ctx, h) })
	if err == nil {
		p.mu.Lock()
		if !p.closed {
			p.slots = append(p.slots, slot{h, time.Now()})
			p.mu.Unlock()
			return nil
		}
		p.mu.Unlock()
		err = context.Canceled
	}
	p.destroy(ctx, h)
	return err
}

// available reads what the kernel says that programs may still take.
func available() (int64, error) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) == 3 && string(fields[0]) == "MemAvailable:" {
			kilobytes, err := strconv.ParseInt(string(fields[1]), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, errors.New("/proc/meminfo does not tell the available memory")
}
