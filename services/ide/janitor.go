package ide

import (
	"context"
	"log/slog"
	"time"

	"atrium.internal/services/ide/internal/pgstore"
)

const (
	cleanEvery = time.Hour
	// keepSessions is how long ended workspace sessions can still be looked at.
	keepSessions = 7 * 24 * time.Hour
)

// janitor deletes what nobody needs any more.
type janitor struct {
	store *pgstore.Store
	log   *slog.Logger
	end   context.CancelFunc
	done  chan struct{}
}

func (j *janitor) start() {
	ctx, end := context.WithCancel(context.Background())
	j.end, j.done = end, make(chan struct{})
	go func() {
		defer close(j.done)
		ticker := time.NewTicker(cleanEvery)
		defer ticker.Stop()
		for {
			if err := j.store.DropSessions(ctx, time.Now().Add(-keepSessions)); err != nil && ctx.Err() == nil {
				j.log.ErrorContext(ctx, "old workspace sessions can't be dropped", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
		}
	}()
}

func (j *janitor) stop() {
	if j.end != nil {
		j.end()
		<-j.done
	}
}
