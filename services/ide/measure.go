package ide

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/semconv"
	"atrium.internal/services/ide/internal/answercache"
)

// observeAnswers counts how often a question of the editor was answered again.
func (s *Service) observeAnswers() answercache.Observer {
	counter, err := otel.Meter(semconv.Scope("ide")).Int64Counter(semconv.AIAnswerCache,
		metric.WithDescription("Questions of the editor that may be answered again, and whether they were."))
	if err != nil {
		s.deps.Log.Warn("the answer cache is not measured", "error", err)
	}
	return func(ctx context.Context, source, outcome string) {
		if counter != nil {
			counter.Add(ctx, 1, metric.WithAttributes(semconv.Source.String(source), semconv.Outcome.String(outcome)))
		}
		// A miss is in the log by the call that it leads to.
		if outcome != "miss" {
			s.refusals.Told(ctx, audit.Entry{
				EventType: "ai.code." + strings.TrimPrefix(source, "ide."), ResourceType: "ai_answer", Action: "repeat",
				Metadata: map[string]any{"cached": true, "outcome": outcome, "costMicroUsd": 0},
			})
		}
	}
}
