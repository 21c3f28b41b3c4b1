package program_test

import (
	"io"
	"log/slog"
	"net/http"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/lifecycle"
	"atrium.internal/pkg/program"
)

func TestAProgramServesItsMetrics(t *testing.T) {
	var cli struct {
		program.Settings `embed:""`
		Metrics          string `name:"metrics-listen" env:"ATRIUM_TEST_METRICS_LISTEN" default:"127.0.0.1:0"`
	}
	for _, name := range []string{"DATABASE_URL", "REDIS_URL", "ATRIUM_KEY_FILE", "ATRIUM_IDENTITY_PUBLIC_KEY"} {
		t.Setenv(name, "x")
	}
	require.NoError(t, os.Unsetenv("ATRIUM_CONFIG"))
	_, err := config.Parse(&cli, "test", "", nil)
	require.NoError(t, err)
	require.InDelta(t, 1.0, cli.Telemetry.TraceRatio, 0)
	var addresses []string
	log := slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { //nolint:sloglint // it takes note of them
		if a.Key == "address" {
			addresses = append(addresses, a.Value.String())
		}
		return a
	}}))
	group := &lifecycle.Group{}
	require.NoError(t, program.Observe(group, cli.Telemetry, "test", "ATRIUM_TEST_METRICS_LISTEN", cli.Metrics, nil, log))
	require.NoError(t, group.Start(t.Context()))
	defer func() { require.NoError(t, group.Stop(t.Context())) }()
	require.Len(t, addresses, 1, "the log tells a port that was free")
	response, err := http.Get("http://" + addresses[0] + "/metrics")
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Contains(t, string(body), "go_goroutines")
}
