package anthropic_test

import (
	"testing"
	"time"

	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ai/internal/provider/anthropic"
	"atrium.internal/services/ai/internal/provider/conformance"
	"atrium.internal/services/ai/internal/provider/transport"
)

func TestMain(m *testing.M) { leak.Main(m) }

const model = "claude-sonnet-4-5-20250929"

func TestConformance(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Subject {
		p, far := start(t)
		return conformance.Subject{Provider: p, Model: model, Far: far}
	})
}

func start(t *testing.T) (*anthropic.Provider, *fakeai.Server) {
	far := fakeai.New(t, fakeai.Options{Key: conformance.Key})
	client := transport.NewClient(time.Second)
	t.Cleanup(client.CloseIdleConnections)
	return anthropic.New(anthropic.Config{Key: conformance.Key, BaseURL: far.AnthropicURL(), HTTP: client}), far
}
