package otelx

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"atrium.internal/pkg/config"
)

// Settings say where traces go. Where metrics are served is a setting of each
// program, since several may share a host.
type Settings struct {
	OTLPEndpoint string        `name:"otlp-endpoint" env:"ATRIUM_OTLP_ENDPOINT" help:"OpenTelemetry collector that takes traces by OTLP over HTTP, such as http://127.0.0.1:4318; without it none are sent."`
	OTLPHeaders  config.Secret `name:"otlp-headers" env:"ATRIUM_OTLP_HEADERS" help:"Headers for the collector, such as a key, as name=value pairs with commas between them."`
	TraceRatio   float64       `name:"trace-ratio" env:"ATRIUM_TRACE_RATIO" default:"1" help:"Part of the requests of which traces are sent, from 0 to 1."`
}

// Validate reports every fault at once. The address may be shown in errors, so
// it holds no password.
func (s Settings) Validate() error {
	var faults []error
	if s.OTLPEndpoint != "" {
		u, err := url.Parse(s.OTLPEndpoint)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" {
			faults = append(faults, errors.New("ATRIUM_OTLP_ENDPOINT: want http(s)://host:port without a user name, such as http://127.0.0.1:4318"))
		}
	}
	if s.TraceRatio < 0 || s.TraceRatio > 1 {
		faults = append(faults, fmt.Errorf("ATRIUM_TRACE_RATIO: must be from 0 to 1, not %g", s.TraceRatio))
	}
	if _, err := s.headers(); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

func (s Settings) headers() (map[string]string, error) {
	headers := map[string]string{}
	for pair := range strings.SplitSeq(s.OTLPHeaders.Reveal(), ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, errors.New("ATRIUM_OTLP_HEADERS: want name=value pairs with commas between them")
		}
		headers[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return headers, nil
}
