package program

import (
	"log/slog"

	"atrium.internal/pkg/expiry"
	"atrium.internal/pkg/lifecycle"
	"atrium.internal/pkg/mtls"
)

// WatchCertificate has the end of the program's own certificate told in time,
// if it has one.
func WatchCertificate(group *lifecycle.Group, endpoint *mtls.Endpoint, log *slog.Logger) {
	if endpoint != nil {
		group.Add("certificate expiry", expiry.New(log, "service", endpoint.Certificate))
	}
}
