package workspace

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// watchPoll is how often a watcher looks by itself, in case news got lost.
const watchPoll = 5 * time.Second

// Events gives the latest events of a workspace of the owner's, oldest first.
func (m *Manager) Events(ctx context.Context, owner, id uuid.UUID) ([]Event, error) {
	if _, err := m.Get(ctx, owner, id); err != nil {
		return nil, err
	}
	return m.Journal.Events(ctx, id, 0, maxEvents)
}

// Watch sends the events after a sequence number, then live ones, each once and
// in order, until ctx ends or the workspace is deleted.
func (m *Manager) Watch(ctx context.Context, owner, id uuid.UUID, after int64, send func(Event) error) error {
	if _, err := m.Get(ctx, owner, id); err != nil {
		return err
	}
	news, cancel := m.Bus.Subscribe(id)
	defer cancel()
	poll := time.NewTicker(watchPoll)
	defer poll.Stop()
	for {
		events, err := m.Journal.Events(ctx, id, after, maxEvents)
		if err != nil {
			return err
		}
		for _, e := range events {
			if err := send(e); err != nil {
				return err
			}
			after = e.Seq
			if e.Step == StepDeleted {
				return nil
			}
		}
		if len(events) == 0 {
			if _, err := m.Get(ctx, owner, id); errors.Is(err, ErrNotFound) { // its events went with it
				return send(Event{Seq: after + 1, Time: m.Now(), Step: StepDeleted, Message: "The workspace was deleted.", Status: Stopped})
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-m.base.Done():
			return nil
		case <-news:
		case <-poll.C:
		}
	}
}

// Logs gives the end of the editor's own log.
func (m *Manager) Logs(ctx context.Context, owner, id uuid.UUID) ([]string, error) {
	if _, err := m.Get(ctx, owner, id); err != nil {
		return nil, err
	}
	h, ok := m.known(id)
	if !ok {
		return nil, nil
	}
	const lines = 500
	return m.Driver.Logs(ctx, h, lines)
}
