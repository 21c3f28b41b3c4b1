package reload

import (
	"crypto/sha256"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Every is how long a change of the files may go unseen; Soonest is the least
// time between two looks that callers ask for by Refresh.
const (
	Every   = time.Second
	Soonest = 100 * time.Millisecond
)

// Value is what a set of files holds. It is safe for use by many goroutines.
type Value[T any] struct {
	paths  []string
	parse  func([]File) (T, error)
	log    *slog.Logger
	now    func() time.Time
	latest atomic.Pointer[T]
	looked atomic.Int64 // Unix time of the last look, in nanoseconds

	looking sync.Mutex
	seen    [sha256.Size]byte
	missing bool
}

// Open reads the paths, each a file or a folder of *.pem files, and gives their
// value, or says why it can't.
func Open[T any](log *slog.Logger, parse func([]File) (T, error), paths ...string) (*Value[T], error) {
	v := &Value[T]{paths: paths, parse: parse, log: log, now: time.Now}
	files, err := readAll(paths)
	if err != nil {
		return nil, err
	}
	value, err := parse(files)
	if err != nil {
		return nil, err
	}
	v.seen = sum(files)
	v.latest.Store(&value)
	v.looked.Store(v.now().UnixNano())
	return v, nil
}

// Get gives the value of the files as they were a second ago at most. Files
// that can't be read or hold nonsense are logged once and change nothing.
func (v *Value[T]) Get() T {
	if v.due(Every) && v.looking.TryLock() { // who comes meanwhile takes what there is
		v.look(Every)
		v.looking.Unlock()
	}
	return *v.latest.Load()
}

// Refresh is Get for a caller who has reason to think that the files have
// changed; it waits for the look that it asks for.
func (v *Value[T]) Refresh() T {
	v.looking.Lock()
	defer v.looking.Unlock()
	v.look(Soonest)
	return *v.latest.Load()
}

func (v *Value[T]) due(after time.Duration) bool {
	passed := v.now().UnixNano() - v.looked.Load()
	return passed >= int64(after) || passed < 0 // the clock was set back
}

func (v *Value[T]) look(after time.Duration) {
	if !v.due(after) { // somebody else has just looked
		return
	}
	defer func() { v.looked.Store(v.now().UnixNano()) }()
	files, err := readAll(v.paths)
	if err != nil {
		if !v.missing {
			v.log.Warn("files can't be read again; their last content holds", "files", v.paths, "error", err)
		}
		v.missing = true
		return
	}
	v.missing = false
	found := sum(files)
	if found == v.seen {
		return
	}
	v.seen = found
	value, err := v.parse(files)
	if err != nil {
		v.log.Warn("files have changed to something unusable; their last content holds", "files", v.paths, "error", err)
		return
	}
	v.latest.Store(&value)
	v.log.Info("files read again", "files", v.paths)
}
