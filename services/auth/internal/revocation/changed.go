package revocation

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"

	"atrium.internal/proto/cachekey"
	"atrium.internal/services/auth/internal/session"
)

// chunk is how many entries are marked in one go.
const chunk = 500

// Changed marks the entries of these sessions and API tokens, so that every
// gateway asks again who holds them, and forgets what it has just read. With
// interrupt their open streams end.
func (b *Broadcaster) Changed(ctx context.Context, held []session.Ended, interrupt bool) {
	for some := range slices.Chunk(held, chunk) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		err := b.mark(ctx, some)
		if err == nil && interrupt {
			err = b.publish(ctx, some)
		} else if err == nil {
			err = b.publish(ctx, nil)
		}
		cancel()
		if err != nil {
			b.log.WarnContext(ctx, "changed holders not broadcast", "entries", len(held), "error", err)
			return // the next would fail likewise
		}
	}
}

func (b *Broadcaster) mark(ctx context.Context, held []session.Ended) error {
	_, err := b.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, h := range held {
			for _, key := range keys(h) {
				p.Set(ctx, key, cachekey.Stale, cachekey.StaleFor)
			}
		}
		return nil
	})
	return err
}

// keys are the entries of a session or an API token, whichever it is.
func keys(e session.Ended) []string {
	return []string{cachekey.Session(e.Hash.String()), cachekey.APIToken(e.Hash.String()), cachekey.SessionByID(e.ID.String())}
}
