package program

import (
	"log/slog"
	"net/http"

	"atrium.internal/pkg/lifecycle"
	"atrium.internal/pkg/otelx"
)

// Observe sets the program's telemetry up as the group's first part, so that it
// ends last. setting is the name of the metrics' address, at which the program's
// health is served too, unless it is nil.
func Observe(group *lifecycle.Group, s otelx.Settings, program, setting, address string, health http.Handler, log *slog.Logger) error {
	listener, err := otelx.Listen(setting, address)
	if err != nil {
		return err
	}
	telemetry, err := otelx.Open(s, otelx.Options{Program: program, Metrics: listener, Health: health, Log: log, Fail: group.Fail})
	if err != nil {
		return err
	}
	group.Add("telemetry", telemetry)
	return nil
}
