package answercache

import (
	"context"
	"strings"
	"sync"

	"atrium.internal/services/ide/internal/codeassist"
)

// flights are the questions that are being answered.
type flights struct {
	mu      sync.Mutex
	running map[Key]*flight
	ended   sync.WaitGroup
}

// flight is one of them: what is written so far, for all who follow.
type flight struct {
	followers int // under flights.mu
	end       context.CancelFunc

	mu     sync.Mutex
	pieces []string
	more   chan struct{} // closed and replaced at each piece, and at the end
	over   bool
	answer codeassist.Answer
	err    error
}

// join follows the question's flight; the first to ask has it run. It goes on
// until it ends or nobody follows any more, and keeps the first one's identity.
func (f *flights) join(ctx context.Context, key Key, run func(context.Context, *flight)) (_ *flight, first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if running := f.running[key]; running != nil {
		running.followers++
		return running, false
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	fresh := &flight{followers: 1, end: cancel, more: make(chan struct{})}
	f.running[key] = fresh
	f.ended.Go(func() {
		defer f.remove(key, fresh)
		run(ctx, fresh)
	})
	return fresh, true
}

// leave ends a flight at once with its last follower, and with it the call of
// the model.
func (f *flights) leave(key Key, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl.followers--; fl.followers == 0 {
		fl.end()
		if f.running[key] == fl {
			delete(f.running, key)
		}
	}
}

func (f *flights) remove(key Key, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fl.end()
	if f.running[key] == fl {
		delete(f.running, key)
	}
}

// add tells the followers of a piece.
func (fl *flight) add(piece string) error {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	fl.pieces = append(fl.pieces, piece)
	close(fl.more)
	fl.more = make(chan struct{})
	return nil
}

// finish tells the followers of the end, and gives the whole text.
func (fl *flight) finish(answer codeassist.Answer, err error) string {
	fl.mu.Lock()
	defer fl.mu.Unlock()
	fl.over, fl.answer, fl.err = true, answer, err
	close(fl.more)
	return strings.Join(fl.pieces, "")
}

// follow hands every piece to each, from the first on.
func (fl *flight) follow(ctx context.Context, each func(string) error) (codeassist.Answer, error) {
	for next := 0; ; {
		fl.mu.Lock()
		pieces, more, over := fl.pieces[next:], fl.more, fl.over
		fl.mu.Unlock()
		for _, piece := range pieces {
			if err := each(piece); err != nil {
				return codeassist.Answer{}, err
			}
		}
		if next += len(pieces); over {
			return fl.answer, fl.err
		}
		select {
		case <-more:
		case <-ctx.Done():
			return codeassist.Answer{}, ctx.Err()
		}
	}
}
