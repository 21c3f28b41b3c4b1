package ide

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/semconv"
	"atrium.internal/services/ide/internal/answercache"
	"atrium.internal/services/ide/internal/workspace"
)

// seconds are the bounds of starts: a claimed sandbox takes milliseconds, an
// image that is fetched first minutes.
var seconds = []float64{.01, .025, .05, .1, .25, .5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300}

// measures are what the service counts; they are the workspaces' observer.
type measures struct {
	meter   metric.Meter
	startup metric.Float64Histogram
	claims  metric.Int64Counter
	files   metric.Int64Counter
	gauges  metric.Registration
}

func newMeasures() (*measures, error) {
	m := &measures{meter: otel.Meter(semconv.Scope("ide"))}
	var err error
	m.startup, err = m.meter.Float64Histogram(semconv.IDEStartup, metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(seconds...),
		metric.WithDescription("How long workspaces took to start, to VS Code's first page."))
	if err != nil {
		return nil, fmt.Errorf("metrics of ide: %w", err)
	}
	m.claims, err = m.meter.Int64Counter(semconv.IDEWarmClaims,
		metric.WithDescription("Workspaces that were started, by whether one that was ready could be taken: claimed, missed or failed."))
	if err != nil {
		return nil, fmt.Errorf("metrics of ide: %w", err)
	}
	m.files, err = m.meter.Int64Counter(semconv.IDEFilesOpen, metric.WithDescription("Files that were opened in a tab of an editor."))
	if err != nil {
		return nil, fmt.Errorf("metrics of ide: %w", err)
	}
	return m, nil
}

// Opened counts files that were opened in an editor.
func (m *measures) Opened(ctx context.Context, count int64) { m.files.Add(ctx, count) }

// Claimed counts what came of asking for a workspace that is ready; see warm.Options.
func (m *measures) Claimed(isolation, outcome string) {
	m.claims.Add(context.Background(), 1, metric.WithAttributes(semconv.Isolation.String(isolation), semconv.Outcome.String(outcome)))
}

// watch measures what the workspaces of this process take, at each scrape.
func (m *measures) watch(load func() workspace.Load, warm func() int) error {
	names := []struct{ name, unit, about string }{
		{semconv.IDEWorkspaces, "", "Workspaces that run."},
		{semconv.IDESessions, "", "Workspaces that somebody is connected to."},
		{semconv.IDEProcessor, "", "Processor time of all workspaces, in hundredths of a core."},
		{semconv.IDEMemory, "By", "Memory of all workspaces."},
		{semconv.IDEWarm, "", "Workspaces that are ready and nobody's yet."},
	}
	gauges := make([]metric.Int64ObservableGauge, len(names))
	watched := make([]metric.Observable, len(names))
	var faults []error
	for i, n := range names {
		gauge, err := m.meter.Int64ObservableGauge(n.name, metric.WithUnit(n.unit), metric.WithDescription(n.about))
		gauges[i], watched[i], faults = gauge, gauge, append(faults, err)
	}
	registration, err := m.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		now := load()
		for i, value := range []int64{int64(now.Running), int64(now.Open), now.Processor / 10, now.Memory, int64(warm())} {
			o.ObserveInt64(gauges[i], value)
		}
		return nil
	}, watched...)
	m.gauges = registration
	if err := errors.Join(append(faults, err)...); err != nil {
		return fmt.Errorf("metrics of ide: %w", err)
	}
	return nil
}

// Started measures a start; see workspace.Observer.
func (m *measures) Started(isolation string, took time.Duration, failed bool) {
	outcome := "ok"
	if failed {
		outcome = "failed"
	}
	m.startup.Record(context.Background(), took.Seconds(), metric.WithAttributes(semconv.Isolation.String(isolation), semconv.Outcome.String(outcome)))
}

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
