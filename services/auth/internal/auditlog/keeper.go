package auditlog

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"
)

const (
	// every is how soon after its commit a row is in the chain.
	every = time.Second
	// recent is how far back the frequent look for rows goes, by the time at
	// which their transactions began. The look at all rows finds those of
	// longer ones: rows become visible in no order that could be relied on.
	recent = 2 * time.Minute
	// fully is how often all rows are looked at and the head is written to the log.
	fully = time.Hour
	// batch is how many rows are chained in one transaction.
	batch = 2000
	// lastPass bounds what is done at the stop.
	lastPass = 5 * time.Second
)

// ChainStore keeps the chain.
type ChainStore interface {
	// Extend stores the links that link makes for rows that have none, in the
	// order of their ids, and gives the last link then. One caller in the whole
	// deployment does it at a time.
	Extend(ctx context.Context, look Look, link func(last Head, rows []Row) []Link) (last Head, added int, err error)
}

// Look says which rows to look for.
type Look struct {
	// Within is how old they are at most; 0 is any age.
	Within time.Duration
	// After is the id that theirs come after. It only spares a long look, made
	// in several steps, from beginning each at the start.
	After uuid.UUID
	// Limit is how many.
	Limit int
}

// Keeper puts each row of the log into the chain, soon after it was written.
type Keeper struct {
	log   *slog.Logger
	store ChainStore
	chain Chain
	// known is the last link that this keeper has seen.
	known Head
}

// NewKeeper makes a keeper, which one Run at a time may use.
func NewKeeper(log *slog.Logger, store ChainStore, chain Chain) *Keeper {
	return &Keeper{log: log, store: store, chain: chain}
}

// Run keeps the chain until ctx ends, and then once more.
func (k *Keeper) Run(ctx context.Context) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	var full time.Time // when all rows were looked at last
	for {
		within := recent
		if time.Since(full) >= fully {
			within = 0
		}
		err := k.Pass(ctx, within)
		switch {
		case err != nil && ctx.Err() == nil:
			k.log.WarnContext(ctx, "audit log not chained", "error", err)
			full = time.Time{} // what was written meanwhile is not recent for ever
		case err == nil && within == 0:
			full = time.Now()
			k.tell(ctx)
		}
		select {
		case <-ctx.Done():
			k.finish(context.WithoutCancel(ctx))
			return
		case <-ticker.C:
		}
	}
}

func (k *Keeper) finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lastPass)
	defer cancel()
	if err := k.Pass(ctx, recent); err != nil {
		k.log.WarnContext(ctx, "audit log not chained to its end", "error", err)
	}
	k.tell(ctx)
}

// Pass chains the rows that are not yet, looking back as far as within, or at
// all rows when that is 0.
func (k *Keeper) Pass(ctx context.Context, within time.Duration) error {
	look := Look{Within: within, Limit: batch}
	for {
		last, added, err := k.store.Extend(ctx, look, func(last Head, rows []Row) []Link {
			k.compare(ctx, last)
			if len(rows) > 0 {
				look.After = rows[len(rows)-1].ID
			}
			return k.chain.Extend(last, rows, time.Now())
		})
		if err != nil {
			return err
		}
		if k.known = last; added < batch {
			return nil
		}
	}
}

// compare notices a chain that is not the one that this keeper left.
func (k *Keeper) compare(ctx context.Context, last Head) {
	if last.Seq < k.known.Seq || last.Seq == k.known.Seq && last.Hash != k.known.Hash {
		k.log.ErrorContext(ctx, "the audit chain was cut or rewritten", "was", k.known.String(), "is", last.String())
	}
}

// tell writes the head to the log, for an operator to compare with later.
func (k *Keeper) tell(ctx context.Context) {
	if k.known.Seq > 0 {
		k.log.InfoContext(ctx, "audit chain head", "head", k.known.String())
	}
}
