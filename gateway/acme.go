package gateway

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"atrium.internal/gateway/certificate"
)

const (
	// opening is how long a host may get its first certificate after somebody
	// was let into it; renewals need no further leave.
	opening = 24 * time.Hour
	// openingPatience bounds a call to Redis.
	openingPatience = time.Second
)

// openingKey marks a workspace's host as one that somebody was let into.
func openingKey(host string) string { return "atrium:certificate-host:{" + host + "}" }

// newACME gets a certificate for each host, as an ACME authority gives none for
// wildcards without access to the domain's DNS.
func (g *Gateway) newACME() *certificate.ACME {
	t := g.config.TLS
	return certificate.NewACME(certificate.ACMEConfig{
		Email: t.ACMEEmail, Directory: t.ACMEDirectory, CA: t.ACMECA, Cache: t.ACMECache,
		Host: g.origin.Hostname(), Known: g.known,
	}, g.deps.Log)
}

// known tells whether somebody was let into the host of a workspace.
func (g *Gateway) known(ctx context.Context, host string) (bool, error) {
	label, ok := strings.CutSuffix(host, "."+withoutPort(g.config.IDEDomain))
	if !ok || !isLabel(label) {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, openingPatience)
	defer cancel()
	err := g.deps.Redis.Get(ctx, openingKey(host)).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, err
}

// opened allows the host of a way in a certificate, and asks for it at once:
// the browser is about to go there.
func (g *Gateway) opened(way string) {
	if g.acme == nil {
		return
	}
	u, err := url.Parse(way)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), openingPatience)
	defer cancel()
	if err := g.deps.Redis.Set(ctx, openingKey(u.Hostname()), "1", opening).Err(); err != nil {
		g.deps.Log.Warn("a workspace's host can't get a certificate now", "host", u.Hostname(), "error", err)
		return
	}
	g.acme.Prepare(u.Hostname())
}
