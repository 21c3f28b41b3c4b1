package ai

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"atrium.internal/pkg/config"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/provider/anthropic"
	"atrium.internal/services/ai/internal/provider/demo"
	"atrium.internal/services/ai/internal/provider/openaicompat"
	"atrium.internal/services/ai/internal/provider/transport"
)

// providersFile is the file of providers and models; docs/operators.md shows one.
type providersFile struct {
	Providers []providerSpec `yaml:"providers"`
	Models    []modelSpec    `yaml:"models"`
	// Default is the model that answers when none is asked for; the first one
	// without it.
	Default string `yaml:"default"`
}

type providerSpec struct {
	// Name is what users and the ledger see.
	Name string `yaml:"name"`
	// Type is anthropic, openai or demo.
	Type    string `yaml:"type"`
	BaseURL string `yaml:"baseUrl"`
	// APIKey is the key itself, APIKeyFile a file with it, beside this one
	// unless its path is absolute.
	APIKey     config.Secret `yaml:"apiKey"`
	APIKeyFile string        `yaml:"apiKeyFile"`
	// The timeouts replace those of the settings for this provider.
	ConnectTimeout    time.Duration `yaml:"connectTimeout"`
	FirstTokenTimeout time.Duration `yaml:"firstTokenTimeout"`
	IdleTimeout       time.Duration `yaml:"idleTimeout"`
}

// provider is a provider of the file, made.
type provider struct {
	generate.Provider
	limits generate.Limits
}

// catalogOfFile reads the file that the configuration names. Its error names
// every fault.
func catalogOfFile(c Config, client *http.Client) (*generate.Catalog, error) {
	if c.AnthropicKey.IsSet() || c.OpenAIBaseURL != "" {
		return nil, errors.New("the file takes the place of ANTHROPIC_API_KEY and ATRIUM_AI_OPENAI_BASE_URL: unset them, or put the providers into the file")
	}
	text, err := os.ReadFile(c.ProvidersFile)
	if err != nil {
		return nil, err
	}
	var file providersFile
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("%s: %w", c.ProvidersFile, err)
	}
	providers, faults := file.providers(c, client)
	catalog := generate.NewCatalog()
	for i, spec := range file.Models {
		m, err := spec.model(providers)
		if err == nil {
			err = catalog.Add(m)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("models[%d] %s: %w", i, spec.ID, err))
		}
	}
	if len(file.Models) == 0 {
		faults = append(faults, errors.New("models: name at least one"))
	} else if file.Default == "" {
		file.Default = file.Models[0].ID
	}
	if len(faults) == 0 {
		faults = append(faults, catalog.SetDefault(file.Default))
	}
	return catalog, errors.Join(faults...)
}

func (f providersFile) providers(c Config, client *http.Client) (map[string]provider, []error) {
	made := map[string]provider{}
	var faults []error
	for i, spec := range f.Providers {
		own := client
		if spec.ConnectTimeout > 0 {
			own = transport.NewClient(spec.ConnectTimeout)
		}
		p, err := spec.provider(c, own)
		if _, taken := made[spec.Name]; taken && err == nil {
			err = errors.New("the name is there twice")
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("providers[%d] %s: %w", i, spec.Name, err))
		}
		made[spec.Name] = provider{p, generate.Limits{FirstToken: spec.FirstTokenTimeout, Idle: spec.IdleTimeout}}
	}
	return made, faults
}

func (s providerSpec) provider(c Config, client *http.Client) (generate.Provider, error) {
	if s.Name == "" {
		return nil, errors.New("name: must not be empty")
	}
	if err := checkURL(s.BaseURL); err != nil {
		return nil, fmt.Errorf("baseUrl: %w", err)
	}
	for name, d := range map[string]time.Duration{
		"connectTimeout": s.ConnectTimeout, "firstTokenTimeout": s.FirstTokenTimeout, "idleTimeout": s.IdleTimeout,
	} {
		if d < 0 {
			return nil, fmt.Errorf("%s: must not be negative", name)
		}
	}
	key, err := s.key(filepath.Dir(c.ProvidersFile))
	if err != nil {
		return nil, err
	}
	switch s.Type {
	case "anthropic":
		if !key.IsSet() {
			return nil, errors.New("apiKey or apiKeyFile: needed")
		}
		return anthropic.New(anthropic.Config{Key: key, BaseURL: s.BaseURL, HTTP: client}), nil
	case "openai":
		if s.BaseURL == "" {
			return nil, errors.New("baseUrl: needed, with the API's version, such as https://api.openai.com/v1")
		}
		return openaicompat.New(openaicompat.Config{Key: key, BaseURL: s.BaseURL, HTTP: client}), nil
	case "demo":
		return demo.New(c.DemoWords), nil
	}
	return nil, fmt.Errorf("type: want anthropic, openai or demo, not %q", s.Type)
}

func (s providerSpec) key(dir string) (config.Secret, error) {
	if s.APIKeyFile == "" {
		return s.APIKey, nil
	}
	if s.APIKey.IsSet() {
		return "", errors.New("apiKey and apiKeyFile: only one of them")
	}
	path := s.APIKeyFile
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("apiKeyFile: %w", err)
	}
	return config.Secret(strings.TrimSpace(string(text))), nil
}
