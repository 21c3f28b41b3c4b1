package generate

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ai/internal/tariff"
)

// ErrUnknownModel refuses a model that this deployment does not offer.
var ErrUnknownModel = apperr.New(apperr.InvalidArgument, "MODEL_UNKNOWN", "This model is not offered here.")

// Model is a model that callers may choose.
type Model struct {
	ID          string
	DisplayName string
	// ContextWindow in tokens; 0 is unknown.
	ContextWindow int64
	// Can is what the model does besides answering text with text.
	Can tariff.Capabilities
	// Routes lead to the model, in the order in which they are tried.
	Routes []Route
}

// Provider is who answers when nothing fails.
func (m Model) Provider() string { return m.Routes[0].Provider }

// Price is what that provider takes at a time.
func (m Model) Price(at time.Time) tariff.Price { return m.Routes[0].Prices.At(at) }

// Route is a provider that runs a model.
type Route struct {
	// Provider's name, as users and the ledger see it.
	Provider string
	// Model is what this provider calls it.
	Model  string
	Prices tariff.Prices
	Via    Provider
	// Limits are this provider's own; those that are 0 are the generator's.
	Limits Limits

	health *health
}

// Catalog is every model of a deployment with the routes to it. It is filled
// once, before use.
type Catalog struct {
	models   []Model
	health   map[string]*health // by provider
	fallback string
}

// NewCatalog makes an empty catalogue.
func NewCatalog() *Catalog { return &Catalog{health: map[string]*health{}} }

// Add offers a model; its id must be new.
func (c *Catalog) Add(m Model) error {
	if _, err := c.find(m.ID); err == nil {
		return fmt.Errorf("model %q is offered twice", m.ID)
	}
	if len(m.Routes) == 0 {
		return fmt.Errorf("model %q has no provider", m.ID)
	}
	m.Routes = slices.Clone(m.Routes)
	for i, r := range m.Routes {
		if c.health[r.Provider] == nil {
			c.health[r.Provider] = newHealth()
		}
		m.Routes[i].health = c.health[r.Provider]
	}
	c.models = append(c.models, m)
	return nil
}

// SetDefault says which model answers when none is asked for.
func (c *Catalog) SetDefault(id string) error {
	if _, err := c.find(id); id == "" || err != nil {
		return fmt.Errorf("the default model %q is not among the models offered", id)
	}
	c.fallback = id
	return nil
}

// Default is the id of the model that answers when none is asked for.
func (c *Catalog) Default() string { return c.fallback }

// Models lists what is offered, in the order it was added.
func (c *Catalog) Models() []Model { return c.models }

// Price gives what a provider takes for a model at a time, also of one that is
// no longer offered.
func (c *Catalog) Price(provider, model string, at time.Time) tariff.Price {
	if m, err := c.find(model); err == nil {
		for _, r := range m.Routes {
			if r.Provider == provider {
				return r.Prices.At(at)
			}
		}
	}
	listed, _ := tariff.Lookup(model)
	return listed.Price
}

// find gives a model; an empty id is the default.
func (c *Catalog) find(id string) (Model, error) {
	if id == "" {
		id = c.fallback
	}
	for _, m := range c.models {
		if m.ID == id {
			return m, nil
		}
	}
	return Model{}, ErrUnknownModel.WithField("model", "is not offered here")
}

// open gives the routes whose providers are not known to fail right now.
func (m Model) open() ([]Route, error) {
	var open []Route
	wait := time.Duration(0)
	for _, r := range m.Routes {
		left := r.health.rest()
		if left == 0 {
			open = append(open, r)
		} else if wait == 0 || left < wait {
			wait = left
		}
	}
	if len(open) == 0 {
		return nil, ErrResting.WithRetryAfter(wait)
	}
	return open, nil
}

// elsewhere says that another provider may well do what this one did not.
func elsewhere(err error) bool {
	return retryable(err) || errors.Is(err, ErrMisconfigured) || errors.Is(err, ErrTimeout) || errors.Is(err, ErrStreamCut)
}
