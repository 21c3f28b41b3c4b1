package aiwire

import (
	"context"
	"errors"
	"io"
	"time"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
)

// Answer is a model's answer while it is written. Its events are read one after
// another; closing it ends the provider's work.
type Answer struct {
	first  *aiv1.GenerateResponse
	events interface {
		Recv() (*aiv1.GenerateResponse, error)
	}
	ctx   context.Context
	close context.CancelFunc
}

// Ask starts an answer and waits for its first event. A refusal comes as the
// error, while the request can still be answered with a status.
func Ask(ctx context.Context, client aiv1.AIServiceClient, request *aiv1.GenerateRequest) (*Answer, error) {
	ctx, cancel := context.WithCancel(ctx)
	events, err := client.Generate(ctx, request)
	if err != nil {
		cancel()
		return nil, err
	}
	first, err := events.Recv()
	if err != nil {
		cancel()
		return nil, err
	}
	return &Answer{first: first, events: events, ctx: ctx, close: cancel}, nil
}

// Close ends the answer, finished or not.
func (a *Answer) Close() { a.close() }

// Each hands over every event to the answer's end; nil is a clean one.
func (a *Answer) Each(handle func(*aiv1.GenerateResponse)) error {
	for event := a.first; ; {
		handle(event)
		var err error
		if event, err = a.events.Recv(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// heartbeat keeps proxies and clients from giving up a silent stream.
const heartbeat = 15 * time.Second

// ahead is how many events may wait while others are being written.
const ahead = 16

// Stream hands over every event as it comes, and calls flush when no other one
// has arrived yet, and quiet in long silences. nil is a clean end; the error of
// handle, flush or quiet is that of a reader who has gone.
func (a *Answer) Stream(handle func(*aiv1.GenerateResponse) error, flush, quiet func() error) error {
	type received struct {
		event *aiv1.GenerateResponse
		err   error
	}
	// The first event says who answers, just before the answer's first words: it
	// goes out with them.
	if err := handle(a.first); err != nil {
		return err
	}
	arrived := make(chan received, ahead)
	go func() { // ends with the answer's context, which ends the call too
		for {
			event, err := a.events.Recv()
			select {
			case arrived <- received{event, err}:
			case <-a.ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-a.ctx.Done():
			return a.ctx.Err()
		case <-ticker.C:
			if err := quiet(); err != nil {
				return err
			}
			if err := flush(); err != nil {
				return err
			}
		case next := <-arrived:
			switch {
			case errors.Is(next.err, io.EOF):
				return nil
			case next.err != nil:
				return next.err
			}
			if err := handle(next.event); err != nil {
				return err
			}
			if len(arrived) > 0 || ends(next.event) {
				continue
			}
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// ends says that the answer's end follows at once, and takes this event with it.
func ends(event *aiv1.GenerateResponse) bool {
	return event.GetUsage() != nil || event.GetDone() != nil
}

// Ended reports whether nobody reads the answer any more.
func (a *Answer) Ended() bool { return a.ctx.Err() != nil }
