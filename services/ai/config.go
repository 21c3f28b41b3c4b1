package ai

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"atrium.internal/pkg/config"
)

// Config is what an operator may set about models.
type Config struct {
	AnthropicKey     config.Secret `name:"anthropic-api-key" env:"ANTHROPIC_API_KEY" help:"Key for Anthropic's API; its models are offered when it is set."`
	AnthropicBaseURL string        `name:"anthropic-base-url" env:"ANTHROPIC_BASE_URL" help:"Address of Anthropic's API, or of a proxy that speaks it; without it Anthropic's own."`
	AnthropicModels  []string      `name:"ai-anthropic-models" env:"ATRIUM_AI_ANTHROPIC_MODELS" default:"claude-sonnet-4-5-20250929,claude-haiku-4-5-20251001,claude-opus-4-5-20251101" help:"Anthropic's models to offer. A model that is not in the price list takes its price in dollars for a million tokens as id=input/output or id=input/output/cache read/cache write."`
	DefaultModel     string        `name:"ai-default-model" env:"ATRIUM_AI_DEFAULT_MODEL" default:"claude-sonnet-4-5-20250929" help:"Model that answers when none is asked for; while its provider is off, the first one offered."`

	OpenAIBaseURL string        `name:"ai-openai-base-url" env:"ATRIUM_AI_OPENAI_BASE_URL" help:"Address of an OpenAI-compatible API with its version, such as https://api.openai.com/v1; its models are offered when it is set."`
	OpenAIKey     config.Secret `name:"ai-openai-api-key" env:"ATRIUM_AI_OPENAI_API_KEY" help:"Key for the OpenAI-compatible API, if it wants one."`
	OpenAIModels  []string      `name:"ai-openai-models" env:"ATRIUM_AI_OPENAI_MODELS" help:"Models of the OpenAI-compatible API to offer, written as Anthropic's; without a price they cost nothing."`
	OpenAIName    string        `name:"ai-openai-name" env:"ATRIUM_AI_OPENAI_NAME" default:"openai" help:"Name of the OpenAI-compatible API as users see it."`

	ProvidersFile string `name:"ai-providers" env:"ATRIUM_AI_PROVIDERS" help:"YAML file with several providers and the models that lead to them, in place of the settings above; docs/operators.md shows one."`

	DemoWords int `name:"ai-demo-words-per-second" env:"ATRIUM_AI_DEMO_WORDS_PER_SECOND" default:"25" help:"Pace of the demo provider, which answers when no other is set; 0 is at once."`

	MaxTokens         int64         `name:"ai-max-tokens" env:"ATRIUM_AI_MAX_TOKENS" default:"4096" help:"Longest answer in tokens when a request sets no bound; so many are held from the user's plan while it is written."`
	ConnectTimeout    time.Duration `name:"ai-connect-timeout" env:"ATRIUM_AI_CONNECT_TIMEOUT" default:"10s" help:"Longest wait for a connection to a provider."`
	FirstTokenTimeout time.Duration `name:"ai-first-token-timeout" env:"ATRIUM_AI_FIRST_TOKEN_TIMEOUT" default:"90s" help:"Longest wait for the first text of an answer."`
	IdleTimeout       time.Duration `name:"ai-idle-timeout" env:"ATRIUM_AI_IDLE_TIMEOUT" default:"60s" help:"Longest silence within an answer."`
	Attempts          int           `name:"ai-attempts" env:"ATRIUM_AI_ATTEMPTS" default:"3" help:"Most attempts of one request while a provider is limiting or overloaded."`
	RetryPause        time.Duration `name:"ai-retry-pause" env:"ATRIUM_AI_RETRY_PAUSE" default:"500ms" help:"Pause before the second attempt; it doubles for each further one, unless the provider says how long."`
	RetryMaxPause     time.Duration `name:"ai-retry-max-pause" env:"ATRIUM_AI_RETRY_MAX_PAUSE" default:"20s" help:"Longest pause; a provider that asks for more is not tried again."`
	Budget            string        `name:"ai-budget-usd" env:"ATRIUM_AI_BUDGET_USD" help:"What all AI calls of the deployment may cost in a calendar month (UTC), in dollars, beside what each plan lets its users spend; without it there is no such bound, and with 0 only models without a price answer."`
	AlertWebhook      config.Secret `name:"ai-alert-webhook-url" env:"ATRIUM_AI_ALERT_WEBHOOK_URL" help:"Address that budget alerts are posted to, signed as Standard Webhooks; one in a private network may be named."`
	AlertSecretFile   string        `name:"ai-alert-webhook-secret-file" env:"ATRIUM_AI_ALERT_WEBHOOK_SECRET_FILE" help:"File with the secret that signs them: at least 24 bytes, or whsec_ and base64."`
	DataDir           string        `kong:"-"`
	Instance          string        `name:"ai-instance" env:"ATRIUM_AI_INSTANCE" help:"Name of this process among several of the ai service, the same after a restart; without it the host's name."`
}

// Validate reports every fault at once.
func (c Config) Validate() error {
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if err := checkURL(c.AnthropicBaseURL); err != nil {
		fault("ANTHROPIC_BASE_URL: %w", err)
	}
	if err := checkURL(c.OpenAIBaseURL); err != nil {
		fault("ATRIUM_AI_OPENAI_BASE_URL: %w", err)
	}
	if c.OpenAIBaseURL == "" && (c.OpenAIKey.IsSet() || len(c.OpenAIModels) > 0) {
		fault("ATRIUM_AI_OPENAI_BASE_URL: needed by the other ATRIUM_AI_OPENAI settings")
	}
	if c.OpenAIBaseURL != "" && len(c.OpenAIModels) == 0 {
		fault("ATRIUM_AI_OPENAI_MODELS: name at least one model")
	}
	if c.OpenAIBaseURL != "" && c.OpenAIName == "" {
		fault("ATRIUM_AI_OPENAI_NAME: must not be empty")
	}
	if c.DemoWords < 0 || c.DemoWords > 10_000 {
		fault("ATRIUM_AI_DEMO_WORDS_PER_SECOND: must be from 0 to 10000")
	}
	if c.MaxTokens < 1 || c.MaxTokens > 200_000 {
		fault("ATRIUM_AI_MAX_TOKENS: must be from 1 to 200000")
	}
	if c.Attempts < 1 || c.Attempts > 10 {
		fault("ATRIUM_AI_ATTEMPTS: must be from 1 to 10")
	}
	for name, d := range map[string]time.Duration{
		"ATRIUM_AI_CONNECT_TIMEOUT": c.ConnectTimeout, "ATRIUM_AI_FIRST_TOKEN_TIMEOUT": c.FirstTokenTimeout,
		"ATRIUM_AI_IDLE_TIMEOUT": c.IdleTimeout, "ATRIUM_AI_RETRY_PAUSE": c.RetryPause, "ATRIUM_AI_RETRY_MAX_PAUSE": c.RetryMaxPause,
	} {
		if d <= 0 {
			fault("%s: must be longer than nothing", name)
		}
	}
	if _, err := c.budget(); err != nil {
		faults = append(faults, err)
	}
	if _, err := c.hook(); err != nil {
		faults = append(faults, err)
	}
	if _, err := newCatalog(c, nil); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// checkURL takes what the SDKs can use. Credentials in an address would end up
// in error texts.
func checkURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return errors.New("is not an http or https address")
	case u.User != nil:
		return errors.New("must not hold a user name or password; keys have a setting of their own")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("must end with its path")
	}
	return nil
}
