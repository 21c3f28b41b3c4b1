package measure_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"atrium.internal/gateway/middleware/measure"
)

func TestRoutesAreNamedByWhatServesThem(t *testing.T) {
	reader := metric.NewManualReader()
	otel.SetMeterProvider(metric.NewMeterProvider(metric.WithReader(reader)))
	middleware, err := measure.Middleware()
	require.NoError(t, err)
	contract := runtime.NewServeMux(runtime.WithMiddlewares(measure.Contract))
	require.NoError(t, contract.HandlePath("GET", "/api/things/{id}", func(w http.ResponseWriter, _ *http.Request, _ map[string]string) {
		w.WriteHeader(http.StatusTeapot)
	}))
	api := http.NewServeMux()
	api.Handle("/api/", contract)
	api.HandleFunc("GET /api/by/{hand}", func(http.ResponseWriter, *http.Request) {})
	house := http.NewServeMux()
	house.Handle("/api/", measure.Mux(api))
	house.Handle("/", measure.As("pages", http.NotFoundHandler()))
	handler := middleware(measure.Mux(house))
	for _, path := range []string{"/api/things/secret", "/api/by/secret", "/secret"} {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil))
	}
	var all metricdata.ResourceMetrics
	require.NoError(t, reader.Collect(t.Context(), &all))
	found := map[string]string{}
	for _, m := range all.ScopeMetrics[0].Metrics {
		if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == "http_requests_total" {
			for _, point := range sum.DataPoints {
				route, _ := point.Attributes.Value("route")
				status, _ := point.Attributes.Value("status")
				found[route.AsString()] = status.AsString()
			}
		}
	}
	require.Equal(t, map[string]string{"/api/things/{id}": "418", "/api/by/{hand}": "200", "pages": "404"}, found)
}
