package ai

import (
	"context"
	"strings"
	"time"

	"atrium.internal/services/ai/internal/provider/demo"
	"atrium.internal/services/ai/internal/tariff"
)

const (
	// heartbeatEvery is how often running calls are noted as alive.
	heartbeatEvery = 5 * time.Second
	// proveEvery is how often it is made sure that what was settled is on the disk.
	proveEvery = time.Second
	// lastProof bounds that at the stop.
	lastProof = 2 * time.Second
	// abandonedAfter is how long a call without a heartbeat keeps its hold on
	// the user's plan: enough for a database to be away for a while.
	abandonedAfter = 2 * time.Minute
	// keepKeys is how long a correction may be asked for again.
	keepKeys = 24 * time.Hour
	// sweepEvery is how often abandoned calls are looked for.
	sweepEvery = 30 * time.Second
)

// heartbeats notes running calls as alive, to the end of ctx.
func (s *Service) heartbeats(ctx context.Context) {
	every(ctx, heartbeatEvery, func() {
		if err := s.generator.Heartbeat(ctx); err != nil && ctx.Err() == nil {
			s.deps.Log.WarnContext(ctx, "running answers not noted in the ledger", "error", err)
		}
	})
}

// sweeps closes abandoned calls of any instance, to the end of ctx.
func (s *Service) sweeps(ctx context.Context) {
	every(ctx, sweepEvery, func() {
		if err := s.store.ForgetKeys(ctx, time.Now().Add(-keepKeys)); err != nil && ctx.Err() == nil {
			s.deps.Log.WarnContext(ctx, "idempotency keys not forgotten", "error", err)
		}
		if err := s.sweep(ctx, ""); err != nil && ctx.Err() == nil {
			s.deps.Log.WarnContext(ctx, "abandoned usage not closed", "error", err)
		}
	})
}

func (s *Service) sweep(ctx context.Context, instance string) error {
	closed, err := s.book.Sweep(ctx, abandonedAfter, instance, s.catalog.Price)
	if closed > 0 {
		s.deps.Log.InfoContext(ctx, "closed usage that a stopped process left open", "entries", closed)
	}
	return err
}

// recover enters what the journal kept when this instance last ended.
func (s *Service) recover(ctx context.Context) {
	recovered, err := s.book.Recover(ctx)
	if recovered > 0 {
		s.deps.Log.InfoContext(ctx, "entered usage that the journal had kept", "entries", recovered)
	}
	if err != nil {
		s.deps.Log.WarnContext(ctx, "usage in the journal not entered", "error", err)
	}
}

// proofs see to it that the database keeps what was settled, to the end of ctx.
func (s *Service) proofs(ctx context.Context) {
	every(ctx, proveEvery, func() {
		if err := s.book.Prove(ctx); err != nil && ctx.Err() == nil {
			s.deps.Log.WarnContext(ctx, "settled usage not proven to be kept", "error", err)
		}
	})
}

// leases makes the rows of calls that leases had the room for, to the end of ctx.
func (s *Service) leases(ctx context.Context) {
	s.book.Keep(ctx, func(err error) {
		s.deps.Log.WarnContext(ctx, "running answers not yet entered in the ledger", "error", err)
	})
}

// announce logs which providers are on, and what has no price.
func (s *Service) announce(ctx context.Context) {
	models := map[string][]string{}
	var order, free []string
	for _, m := range s.catalog.Models() {
		for _, r := range m.Routes {
			if models[r.Provider] == nil {
				order = append(order, r.Provider)
			}
			models[r.Provider] = append(models[r.Provider], m.ID)
			if r.Prices.At(time.Now()) == (tariff.Price{}) && r.Provider != demo.Name {
				free = append(free, m.ID)
			}
		}
	}
	var providers []string
	for _, name := range order {
		providers = append(providers, name+" ("+strings.Join(models[name], ", ")+")")
	}
	s.deps.Log.InfoContext(ctx, "AI providers", "on", strings.Join(providers, "; "),
		"default", s.catalog.Default(), "withoutPrice", strings.Join(free, ", "), "pricesAsOf", tariff.PricesAsOf)
}

func every(ctx context.Context, interval time.Duration, do func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			do()
		}
	}
}
