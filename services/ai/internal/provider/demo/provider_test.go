package demo_test

import (
	"testing"

	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ai/internal/provider/conformance"
	"atrium.internal/services/ai/internal/provider/demo"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestConformance(t *testing.T) {
	conformance.Run(t, func(*testing.T) conformance.Subject {
		return conformance.Subject{Provider: demo.New(0), Model: demo.Model}
	})
}
