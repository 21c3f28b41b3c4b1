package generate

import (
	"fmt"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ai/internal/tariff"
)

// ErrUnknownModel refuses a model that this deployment does not offer.
var ErrUnknownModel = apperr.New(apperr.InvalidArgument, "MODEL_UNKNOWN", "This model is not offered here.")

// Model is a model that callers may choose.
type Model struct {
	ID          string
	Provider    string
	DisplayName string
	// ContextWindow in tokens; 0 is unknown.
	ContextWindow int64
	Price         tariff.Price
}

// Catalog is every model of a deployment with the provider that runs it. It is
// filled once, before use.
type Catalog struct {
	models    []Model
	providers map[string]Provider // by model id
	fallback  string
}

// NewCatalog makes an empty catalogue.
func NewCatalog() *Catalog {
	return &Catalog{providers: map[string]Provider{}}
}

// Add offers a model; its id must be new.
func (c *Catalog) Add(m Model, p Provider) error {
	if _, taken := c.providers[m.ID]; taken {
		return fmt.Errorf("model %q is offered twice", m.ID)
	}
	c.models = append(c.models, m)
	c.providers[m.ID] = p
	return nil
}

// SetDefault says which model answers when none is asked for.
func (c *Catalog) SetDefault(id string) error {
	if _, ok := c.providers[id]; !ok {
		return fmt.Errorf("the default model %q is not among the models offered", id)
	}
	c.fallback = id
	return nil
}

// Default is the id of the model that answers when none is asked for.
func (c *Catalog) Default() string { return c.fallback }

// Models lists what is offered, in the order it was added.
func (c *Catalog) Models() []Model { return c.models }

// Price gives a model's price, also of one that is no longer offered.
func (c *Catalog) Price(id string) tariff.Price {
	for _, m := range c.models {
		if m.ID == id {
			return m.Price
		}
	}
	listed, _ := tariff.Lookup(id)
	return listed.Price
}

// find gives a model and its provider; an empty id is the default.
func (c *Catalog) find(id string) (Model, Provider, error) {
	if id == "" {
		id = c.fallback
	}
	for _, m := range c.models {
		if m.ID == id {
			return m, c.providers[id], nil
		}
	}
	return Model{}, nil, ErrUnknownModel.WithField("model", "is not offered here")
}
