package ai

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/provider/anthropic"
	"atrium.internal/services/ai/internal/provider/demo"
	"atrium.internal/services/ai/internal/provider/openaicompat"
	"atrium.internal/services/ai/internal/tariff"
)

// builtInDefault is the default model as it comes; only when an operator names
// another one must that be on offer.
const builtInDefault = "claude-sonnet-4-5-20250929"

// newCatalog fills the catalogue from the file of providers, or from the
// settings of single ones, or with the demo. Its error names every fault.
func newCatalog(c Config, client *http.Client) (*generate.Catalog, error) {
	if c.ProvidersFile != "" {
		catalog, err := catalogOfFile(c, client)
		if err != nil {
			return nil, fmt.Errorf("ATRIUM_AI_PROVIDERS: %w", err)
		}
		return catalog, nil
	}
	catalog := generate.NewCatalog()
	var faults []error
	if c.AnthropicKey.IsSet() {
		p := anthropic.New(anthropic.Config{Key: c.AnthropicKey, BaseURL: c.AnthropicBaseURL, HTTP: client})
		faults = append(faults, offer(catalog, "ATRIUM_AI_ANTHROPIC_MODELS", anthropic.Name, c.AnthropicModels, p))
	}
	if c.OpenAIBaseURL != "" {
		p := openaicompat.New(openaicompat.Config{Key: c.OpenAIKey, BaseURL: c.OpenAIBaseURL, HTTP: client})
		faults = append(faults, offer(catalog, "ATRIUM_AI_OPENAI_MODELS", c.OpenAIName, c.OpenAIModels, p))
	}
	if !c.AnthropicKey.IsSet() && c.OpenAIBaseURL == "" {
		faults = append(faults, catalog.Add(demoModel(c.DemoWords)))
	}
	return catalog, errors.Join(append(faults, setDefault(catalog, c))...)
}

func demoModel(words int) generate.Model {
	return generate.Model{
		ID: demo.Model, DisplayName: "Demo (no real model)", ContextWindow: 200_000, Can: demo.Can,
		Routes: []generate.Route{{Provider: demo.Name, Model: demo.Model, Via: demo.New(words)}},
	}
}

// setDefault takes the configured model. The built-in one gives way to the
// first on offer while Anthropic is off.
func setDefault(catalog *generate.Catalog, c Config) error {
	id := c.DefaultModel
	if id == "" || (id == builtInDefault && !c.AnthropicKey.IsSet()) {
		if models := catalog.Models(); len(models) > 0 {
			id = models[0].ID
		}
	}
	if err := catalog.SetDefault(id); err != nil {
		return fmt.Errorf("ATRIUM_AI_DEFAULT_MODEL: %w", err)
	}
	return nil
}

// offer adds a provider's models, each written as id or id=price.
func offer(catalog *generate.Catalog, setting, provider string, specs []string, p generate.Provider) error {
	var faults []error
	for _, spec := range specs {
		id, price, priced := strings.Cut(strings.TrimSpace(spec), "=")
		if id == "" {
			faults = append(faults, fmt.Errorf("%s: a model's id is empty", setting))
			continue
		}
		listed, _ := tariff.Lookup(id)
		if priced {
			var err error
			if listed.Price, err = tariff.ParsePrice(price); err != nil {
				faults = append(faults, fmt.Errorf("%s: model %s: %w", setting, id, err))
			}
		}
		m := generate.Model{ID: id, DisplayName: listed.DisplayName, ContextWindow: listed.ContextWindow, Can: listed.Can}
		if m.DisplayName == "" {
			m.DisplayName = id
		}
		m.Routes = []generate.Route{{Provider: provider, Model: id, Prices: tariff.Always(listed.Price), Via: p}}
		if err := catalog.Add(m); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", setting, err))
		}
	}
	return errors.Join(faults...)
}
