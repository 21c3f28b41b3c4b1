package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// sessionCheck compares what reverse proxies ask the gateway with what they
// would ask Kratos, and a document with and without a session to look up.
func sessionCheck(ctx context.Context, r *rig) error {
	cookie, err := r.platform.register(ctx, "ada")
	if err != nil {
		return err
	}
	at := "Host: " + r.platform.host
	contestants := []contestant{
		{name: "Atrium, session check", server: r.platform, method: http.MethodGet, path: "/api/auth/check", headers: []string{at, "Cookie: " + cookie}},
		{name: "Atrium, a document while signed in", server: r.platform, method: http.MethodGet, path: "/api/openapi.json", headers: []string{at, "Cookie: " + cookie}},
		{name: "Atrium, the same without a session", server: r.platform, method: http.MethodGet, path: "/api/openapi.json", headers: []string{at}},
	}
	kratos, err := r.kratos(ctx)
	if err != nil {
		return err
	}
	if kratos == nil {
		fmt.Fprintln(r.out, "Ory Kratos is skipped: it is not built (bench/peers.sh).")
	} else {
		contestants = append([]contestant{*kratos}, contestants...)
	}
	for _, connections := range []int{1, 32} {
		if err := r.compare(ctx, connections, contestants...); err != nil {
			return err
		}
	}
	return nil
}

// revocation measures how long a revoked session is still taken, on the
// instance that revoked it.
func revocation(ctx context.Context, r *rig) error {
	mine, err := r.platform.register(ctx, "grace")
	if err != nil {
		return err
	}
	var waits []time.Duration
	for range 100 {
		other, err := r.platform.login(ctx, "grace")
		if err != nil {
			return err
		}
		_, answer, _, err := r.platform.call(ctx, http.MethodGet, "/api/auth/session", other, nil)
		if err != nil {
			return err
		}
		var seen struct{ Session struct{ ID string } }
		if err := json.Unmarshal(answer, &seen); err != nil {
			return err
		}
		status, answer, _, err := r.platform.call(ctx, http.MethodDelete, "/api/auth/sessions/"+seen.Session.ID, mine, nil)
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("revoke: %d %s: %w", status, answer, err)
		}
		revoked := time.Now()
		for status != http.StatusUnauthorized {
			if status, _, _, err = r.platform.call(ctx, http.MethodGet, "/api/users/me", other, nil); err != nil {
				return err
			}
		}
		waits = append(waits, time.Since(revoked))
	}
	slices.Sort(waits)
	fmt.Fprintf(r.out, "%d revocations: p50 %s, p99 %s, longest %s (the refused request included)\n",
		len(waits), waits[len(waits)/2], waits[len(waits)*99/100], waits[len(waits)-1])
	return nil
}
