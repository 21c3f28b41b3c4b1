package ledger

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// told are the settlements that the store was told of, or should have been, and
// has not yet proven to keep. The journal has the same.
type told struct {
	mu  sync.Mutex
	all map[uuid.UUID]Settlement
}

func newTold() *told { return &told{all: map[uuid.UUID]Settlement{}} }

func (t *told) add(s Settlement) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all[s.ID] = s
}

func (t *told) forget(id uuid.UUID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, id)
}

func (t *told) list() []Settlement {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Collect(maps.Values(t.all))
}

// keep writes a settlement down before the store is told of it.
func (b *Book) keep(s Settlement) error {
	if b.journal == nil {
		return nil
	}
	return b.journal.Put(s)
}

// forget takes settlements out of the journal, and out of what is to be proven.
func (b *Book) forget(done []uuid.UUID) error {
	for _, id := range done {
		b.told.forget(id)
	}
	if b.journal == nil || len(done) == 0 {
		return nil
	}
	return b.journal.Drop(done)
}

// Prove makes sure that the store keeps on disk what it was told, and tells it
// again what it has lost, or was not told while it was away. Then the journal
// forgets it. It is called every second or so; without it the journal grows.
func (b *Book) Prove(ctx context.Context) error {
	all := b.told.list()
	if len(all) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(all))
	for i, s := range all {
		ids[i] = s.ID
	}
	missing, err := b.store.Lacking(ctx, ids)
	if err != nil {
		return err
	}
	var lost []Settlement
	var proven []uuid.UUID
	for _, s := range all {
		if slices.Contains(missing, s.ID) {
			lost = append(lost, s)
		} else {
			proven = append(proven, s.ID)
		}
	}
	return errors.Join(b.forget(proven), b.tellAgain(ctx, lost))
}

// tellAgain settles what is not proven; what works is proven the next time.
func (b *Book) tellAgain(ctx context.Context, lost []Settlement) error {
	if len(lost) == 0 {
		return nil
	}
	var faults []error
	var done []uuid.UUID
	for i, err := range b.store.Settle(ctx, lost) {
		switch {
		case err == nil, errors.Is(err, ErrAlreadySettled):
		case errors.Is(err, ErrUserGone):
			done = append(done, lost[i].ID)
		default:
			faults = append(faults, err)
			if apperr.From(err).Kind != apperr.Unavailable { // it never will; the next start tries once more
				b.told.forget(lost[i].ID)
			}
		}
	}
	return errors.Join(errors.Join(faults...), b.forget(done))
}

// Recover settles what the journal kept when the process last ended, and opens
// what it had begun, for Sweep; nobody may settle before it returns. It gives the
// number of entries that it settled.
func (b *Book) Recover(ctx context.Context) (int, error) {
	if b.journal == nil {
		return 0, nil
	}
	kept, begun, err := b.journal.Kept()
	faults := []error{err}
	settled := 0
	var gone []uuid.UUID
	if len(begun) > 0 { // killed before they had a row; the sweep closes them
		for i, err := range b.store.Open(ctx, begun) {
			if err == nil || errors.Is(err, ErrUserGone) {
				gone = append(gone, begun[i].ID)
			} else {
				faults = append(faults, err)
			}
		}
	}
	if len(kept) > 0 {
		for i, err := range b.store.Settle(ctx, kept) {
			switch {
			case errors.Is(err, ErrUserGone):
				gone = append(gone, kept[i].ID)
				continue
			case err == nil:
				settled++
			case !errors.Is(err, ErrAlreadySettled):
				faults = append(faults, err)
			}
			b.told.add(kept[i]) // what is there may not be on the disk
		}
	}
	return settled, errors.Join(errors.Join(faults...), b.forget(gone))
}
