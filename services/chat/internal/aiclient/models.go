package aiclient

import (
	"context"
	"sync"
	"time"

	"atrium.internal/pkg/grpcx"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/chat/internal/window"
)

// listFor is how long a list of models is good. It is the same for everybody,
// and changes only when the AI service is started with other settings.
const listFor = time.Minute

// models remembers what the AI service offers.
type models struct {
	mu    sync.Mutex
	list  []*aiv1.Model
	until time.Time
}

// model gives what the catalogue says about a model, an empty id being the
// default; nil is one that it does not know.
func (c *Client) model(ctx context.Context, id string) (*aiv1.Model, error) {
	list, err := c.listed(ctx)
	for _, m := range list {
		if m.GetId() == id || id == "" && m.GetDefault() {
			return m, nil
		}
	}
	return nil, err
}

func (c *Client) listed(ctx context.Context) ([]*aiv1.Model, error) {
	c.models.mu.Lock()
	list, until := c.models.list, c.models.until
	c.models.mu.Unlock()
	if time.Now().Before(until) {
		return list, nil
	}
	resp, err := c.ai.ListModels(grpcx.ForwardIdentity(ctx), &aiv1.ListModelsRequest{})
	if err != nil {
		return nil, err
	}
	c.models.mu.Lock()
	defer c.models.mu.Unlock()
	c.models.list, c.models.until = resp.GetModels(), time.Now().Add(listFor)
	return c.models.list, nil
}

// Window implements window.Model.
func (c *Client) Window(ctx context.Context, model string) (window.Size, error) {
	m, err := c.model(ctx, model)
	if m == nil {
		return window.Size{Model: model}, err
	}
	return window.Size{Model: m.GetId(), Tokens: int(m.GetContextWindow())}, nil
}
