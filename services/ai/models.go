package ai

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/tariff"
)

type modelSpec struct {
	ID            string `yaml:"id"`
	DisplayName   string `yaml:"displayName"`
	ContextWindow int64  `yaml:"contextWindow"`
	// Capabilities are some of tools, images, thinking and fim; those of the
	// price list without any.
	Capabilities []string `yaml:"capabilities"`
	// Routes are tried in their order.
	Routes []routeSpec `yaml:"routes"`
}

type routeSpec struct {
	Provider string `yaml:"provider"`
	// Model is the provider's name of it; the model's id without one.
	Model string `yaml:"model"`
	// Prices by the day from which they hold; those of the price list without any.
	Prices []priceSpec `yaml:"prices"`
}

type priceSpec struct {
	From string `yaml:"from"`
	// Price in dollars for a million tokens, as input/output or
	// input/output/cache read/cache write.
	Price string `yaml:"price"`
}

func (s modelSpec) model(providers map[string]provider) (generate.Model, error) {
	if s.ID == "" {
		return generate.Model{}, errors.New("id: must not be empty")
	}
	listed, _ := tariff.Lookup(s.ID)
	m := generate.Model{ID: s.ID, DisplayName: s.DisplayName, ContextWindow: s.ContextWindow, Can: listed.Can}
	if m.DisplayName == "" {
		m.DisplayName = listed.DisplayName
	}
	if m.DisplayName == "" {
		m.DisplayName = s.ID
	}
	if m.ContextWindow == 0 {
		m.ContextWindow = listed.ContextWindow
	}
	var faults []error
	if s.Capabilities != nil {
		can, err := capabilities(s.Capabilities)
		m.Can = can
		faults = append(faults, err)
	}
	for i, r := range s.Routes {
		route, err := r.route(s.ID, providers)
		if err != nil {
			faults = append(faults, fmt.Errorf("routes[%d]: %w", i, err))
		}
		if slices.ContainsFunc(m.Routes, func(o generate.Route) bool { return o.Provider == route.Provider }) {
			faults = append(faults, fmt.Errorf("routes[%d]: provider %s is there twice", i, route.Provider))
		}
		m.Routes = append(m.Routes, route)
	}
	return m, errors.Join(faults...)
}

func capabilities(names []string) (can tariff.Capabilities, err error) {
	for _, name := range names {
		switch name {
		case "tools":
			can.Tools = true
		case "images":
			can.Images = true
		case "thinking":
			can.Thinking = true
		case "fim":
			can.FIM = true
		default:
			return can, fmt.Errorf("capabilities: want some of tools, images, thinking and fim, not %q", name)
		}
	}
	return can, nil
}

func (s routeSpec) route(id string, providers map[string]provider) (generate.Route, error) {
	via, known := providers[s.Provider]
	if !known {
		return generate.Route{}, fmt.Errorf("provider: there is none called %q", s.Provider)
	}
	r := generate.Route{Provider: s.Provider, Model: s.Model, Via: via.Provider, Limits: via.limits}
	if r.Model == "" {
		r.Model = id
	}
	var dated []tariff.Dated
	for i, p := range s.Prices {
		d, err := p.dated()
		if err != nil {
			return r, fmt.Errorf("prices[%d]: %w", i, err)
		}
		dated = append(dated, d)
	}
	if len(dated) == 0 {
		listed, _ := tariff.Lookup(r.Model)
		dated = append(dated, tariff.Dated{Price: listed.Price})
	}
	r.Prices = tariff.NewPrices(dated...)
	return r, nil
}

func (s priceSpec) dated() (d tariff.Dated, err error) {
	if s.From != "" {
		if d.From, err = time.Parse(time.DateOnly, s.From); err != nil {
			return d, fmt.Errorf("from: want a day such as 2026-01-31, not %q", s.From)
		}
	}
	d.Price, err = tariff.ParsePrice(s.Price)
	return d, err
}
