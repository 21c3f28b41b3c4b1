package aiwire

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"atrium.internal/pkg/grpcx"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
)

// Each asks, and hands over every event to the answer's end; nil is a clean one.
func Each(ctx context.Context, client aiv1.AIServiceClient, request *aiv1.GenerateRequest, handle func(*aiv1.GenerateResponse)) error {
	return each(ctx, client, request, func(event *aiv1.GenerateResponse) error { handle(event); return nil })
}

func each(ctx context.Context, client aiv1.AIServiceClient, request *aiv1.GenerateRequest, handle func(*aiv1.GenerateResponse) error) error {
	ctx, end := context.WithCancel(ctx) // with it the provider's work
	defer end()
	events, err := client.Generate(ctx, request, grpcx.WhereRead())
	if err == nil {
		err = grpcx.EachReply[aiv1.GenerateRequest](events, handle)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// heartbeat keeps proxies and clients from giving up a silent stream.
const heartbeat = 15 * time.Second

// Stream asks, and hands over every event of the answer as it comes, one at a
// time; within one process whoever sends it runs handle. flush is called after each
// but the first, which says who answers just before the first words, and the last,
// which the end follows at once; quiet and flush in long silences. nil is a clean end;
// the error of handle or flush is that of a reader who has gone.
func Stream(ctx context.Context, client aiv1.AIServiceClient, request *aiv1.GenerateRequest,
	handle func(*aiv1.GenerateResponse) error, flush, quiet func() error,
) error {
	p := &pulse{quiet: quiet, flush: flush}
	defer p.stop()
	return each(ctx, client, request, func(event *aiv1.GenerateResponse) error {
		first := p.enter()
		defer p.leave()
		if err := handle(event); err != nil || first || ends(event) {
			return err
		}
		return flush()
	})
}

// ends says that the answer's end follows at once, and takes this event with it.
func ends(event *aiv1.GenerateResponse) bool {
	return event.GetUsage() != nil || event.GetDone() != nil
}

// pulse speaks up when nothing was written for a while, never while something is.
type pulse struct {
	quiet, flush func() error

	mu    sync.Mutex
	timer *time.Timer // from the first event on
	over  bool
}

// enter begins writing, and says whether it is for the first time.
func (p *pulse) enter() (first bool) {
	p.mu.Lock()
	return p.timer == nil
}

func (p *pulse) leave() {
	if p.timer == nil {
		p.timer = time.AfterFunc(heartbeat, p.beat)
	} else {
		p.timer.Reset(heartbeat)
	}
	p.mu.Unlock()
}

func (p *pulse) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	if p.quiet() == nil && p.flush() == nil { // else the next event finds the reader gone
		p.timer.Reset(heartbeat)
	}
}

func (p *pulse) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	if p.timer != nil {
		p.timer.Stop()
	}
}
