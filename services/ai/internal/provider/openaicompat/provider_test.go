package openaicompat_test

import (
	"testing"
	"time"

	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ai/internal/provider/conformance"
	"atrium.internal/services/ai/internal/provider/openaicompat"
	"atrium.internal/services/ai/internal/provider/transport"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestConformance(t *testing.T) {
	conformance.Run(t, func(t *testing.T) conformance.Subject {
		p, far := start(t)
		return conformance.Subject{Provider: p, Model: "fake-model", Far: far}
	})
}

func start(t *testing.T) (*openaicompat.Provider, *fakeai.Server) {
	far := fakeai.New(t, fakeai.Options{Key: conformance.Key})
	client := transport.NewClient(time.Second)
	t.Cleanup(client.CloseIdleConnections)
	return openaicompat.New(openaicompat.Config{Key: conformance.Key, BaseURL: far.OpenAIURL(), HTTP: client}), far
}
