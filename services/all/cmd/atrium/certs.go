package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"atrium.internal/pkg/mtls/authority"
)

// services are those that have certificates.
var services = []string{"gateway", "auth", "chat", "ide", "ai"}

// certs makes and renews them.
type certs struct {
	Dir         string        `arg:"" help:"Folder for the authority, and in it one for each service."`
	TrustDomain string        `default:"atrium" help:"Trust domain in the certificates' names."`
	ValidFor    time.Duration `default:"2160h" help:"Lifetime of a service's certificate; it is renewed when a third is left."`
	Every       time.Duration `help:"Stay, and look again after each such time; without it once."`
}

func (c certs) run(ctx context.Context, log *slog.Logger, out io.Writer) error {
	if c.ValidFor < time.Minute || c.Every < 0 {
		return errors.New("--valid-for, --every: too short")
	}
	if err := c.renew(out); err != nil || c.Every == 0 {
		return err
	}
	ticker := time.NewTicker(c.Every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			// The certificates of now hold for a while; the next look may succeed.
			if err := c.renew(out); err != nil {
				log.ErrorContext(ctx, "certificates can't be renewed", "dir", c.Dir, "error", err)
			}
		}
	}
}

func (c certs) renew(out io.Writer) error {
	renewed, err := authority.Renew(authority.Options{
		Dir: c.Dir, TrustDomain: c.TrustDomain, Services: services, Lifetime: c.ValidFor,
	}, time.Now())
	if err != nil || len(renewed) == 0 {
		return err
	}
	_, err = fmt.Fprintf(out, "New certificates in %s: %s.\n", c.Dir, strings.Join(renewed, ", "))
	return err
}
