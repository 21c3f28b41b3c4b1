package answercache

import (
	"context"
	"time"

	"github.com/maypok86/otter/v2"
)

// nearBytes is how much text a process keeps by itself.
const nearBytes = 16 << 20

// Near keeps what a process gave lately before a store that processes share.
type Near struct {
	store Store
	kept  *otter.Cache[Key, Entry]
}

// NewNear puts memory of this process before a store, of 16 MiB for all users. An
// answer lives in it for the time, and is asked of the store then.
func NewNear(store Store, lives time.Duration) Near {
	return Near{store: store, kept: otter.Must(&otter.Options[Key, Entry]{
		MaximumWeight:    nearBytes,
		Weigher:          func(_ Key, e Entry) uint32 { return uint32(len(e.Text) + len(e.RequestID) + 200) }, // and the key's
		ExpiryCalculator: otter.ExpiryWriting[Key, Entry](lives),
	})}
}

// Get gives an answer from memory, or else from the store; see Store.
func (n Near) Get(ctx context.Context, k Key) (Entry, bool) {
	if e, ok := n.kept.GetIfPresent(k); ok {
		return e, true
	}
	e, ok := n.store.Get(ctx, k)
	if ok {
		n.kept.Set(k, e)
	}
	return e, ok
}

// Close ends what the memory does by itself.
func (n Near) Close() { n.kept.StopAllGoroutines() }

// Put leaves to the store what is kept, which shows at the first repetition.
func (n Near) Put(ctx context.Context, k Key, e Entry) { n.store.Put(ctx, k, e) }
