package assembly

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"

	"atrium.internal/pkg/localdb/postgres"
	"atrium.internal/pkg/localdb/redis"
)

// databases are the private servers that stand in for those not configured.
type databases struct{ stops []func(context.Context) error }

// startDatabases fills in the URLs that the configuration leaves out.
func startDatabases(ctx context.Context, cfg *Config, log *slog.Logger) (*databases, error) {
	d := &databases{}
	progress := func(step string) { log.InfoContext(ctx, step) } //nolint:sloglint // a step is a sentence for people
	if !cfg.DatabaseURL.IsSet() {
		url, stop, err := postgres.Start(ctx, postgres.Options{
			Dir: filepath.Join(cfg.DataDir, "postgres"), Log: log, Progress: progress,
		})
		if err != nil {
			return nil, err
		}
		cfg.DatabaseURL, d.stops = url, append(d.stops, stop)
	}
	if !cfg.RedisURL.IsSet() {
		url, stop, err := redis.Start(ctx, redis.Options{
			Dir: filepath.Join(cfg.DataDir, "redis"), Log: log, Progress: progress,
		})
		if err != nil {
			return nil, errors.Join(err, d.stop(ctx))
		}
		cfg.RedisURL, d.stops = url, append(d.stops, stop)
	}
	return d, nil
}

func (d *databases) stop(ctx context.Context) error {
	var faults []error
	for _, stop := range d.stops {
		faults = append(faults, stop(ctx))
	}
	return errors.Join(faults...)
}
