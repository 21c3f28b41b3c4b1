package workspace

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/ide/internal/driver"
)

// Usage is what a user has used of the plan this month.
type Usage struct {
	Running      time.Duration
	ResetsAt     time.Time
	StorageBytes int64
}

// month gives the beginning of the month of a moment and of the next, in UTC.
func month(at time.Time) (from, to time.Time) {
	at = at.UTC()
	from = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	return from, from.AddDate(0, 1, 0)
}

// Usage adds up the caller's running time and stored bytes.
func (m *Manager) Usage(ctx context.Context, owner uuid.UUID) (Usage, error) {
	from, to := month(m.Now())
	running, err := m.Ledger.Used(ctx, owner, from, to)
	if err != nil {
		return Usage{}, err
	}
	u := Usage{Running: running, ResetsAt: to}
	if all, err := m.total(ctx, owner); err != nil || all.limited {
		u.StorageBytes = all.used
		return u, err
	}
	err = m.each(ctx, owner, func(w Workspace) error {
		bytes, err := m.storage(ctx, w)
		u.StorageBytes += bytes
		return err
	})
	return u, err
}

// each calls do with every workspace of the owner's.
func (m *Manager) each(ctx context.Context, owner uuid.UUID, do func(Workspace) error) error {
	var after uuid.UUID
	for {
		const pageSize = 200
		page, err := m.Store.List(ctx, owner, after, pageSize)
		if err != nil {
			return err
		}
		for _, w := range page {
			if err := do(w); err != nil {
				return err
			}
			after = w.ID
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// admit refuses a start that the caller's plan doesn't cover.
func (m *Manager) admit(ctx context.Context, caller principal.Principal) error {
	if class := m.class(caller.Plan); !m.Driver.Has(class) {
		m.Log.WarnContext(ctx, "a plan names an isolation class that is not among this deployment's",
			"plan", caller.Plan.Name, "isolation", class, "setting", "ATRIUM_ISOLATION_ALSO")
		return ErrIsolation.WithMessage(fmt.Sprintf(
			"Your plan runs workspaces in the isolation class %s, which this deployment does not have. Ask its administrator.", class,
		)).WithMetadata("isolation", class)
	}
	return m.withinHours(ctx, caller.UserID, caller.Plan.IDESecondsMonthly)
}

// class is the isolation class that a plan gives.
func (m *Manager) class(plan principal.Plan) string {
	if plan.Isolation == "" {
		return m.Driver.Default()
	}
	return plan.Isolation
}

// withinHours answers ErrQuota when the month's running time is used up.
func (m *Manager) withinHours(ctx context.Context, owner uuid.UUID, limit int64) error {
	if limit < 0 {
		return nil
	}
	from, to := month(m.Now())
	used, err := m.Ledger.Used(ctx, owner, from, to)
	if err != nil {
		return err
	}
	if int64(used/time.Second) >= limit {
		return ErrQuota.WithMetadata("resetsAt", to.Format(time.RFC3339))
	}
	return nil
}

// orNotFound keeps a refusal from telling that somebody else's id exists.
func (m *Manager) orNotFound(ctx context.Context, owner, id uuid.UUID, refusal error) error {
	if _, err := m.Get(ctx, owner, id); err != nil {
		return err
	}
	return refusal
}

// size is a volume's measured size.
type size struct {
	bytes int64
	at    time.Time
}

// sizeFor is how long a measured size is good: measuring walks every file.
const sizeFor = 30 * time.Second

func (m *Manager) storage(ctx context.Context, w Workspace) (int64, error) {
	m.mu.Lock()
	known, ok := m.sizes[w.ID]
	m.mu.Unlock()
	if ok && m.Now().Sub(known.at) < sizeFor {
		return known.bytes, nil
	}
	bytes, err := m.Volumes.Usage(ctx, driver.Volume{WorkspaceID: w.ID, Owner: w.UserID})
	if err != nil {
		return 0, err
	}
	m.mu.Lock()
	m.sizes[w.ID] = size{bytes: bytes, at: m.Now()}
	m.mu.Unlock()
	return bytes, nil
}

// Stats is what a workspace uses now.
type Stats struct {
	CPUMillis   int64
	MemoryBytes int64
	// StorageBytes is what all of the owner's files take where the volumes hold
	// them to the limit together, else what this workspace's take.
	StorageBytes int64
	Limits       Limits
}

// sampleGap is how long processor use is watched when there is no earlier
// sample to compare with.
const sampleGap = 250 * time.Millisecond

// Stats measures a workspace of the owner's; a stopped one uses storage only.
func (m *Manager) Stats(ctx context.Context, owner, id uuid.UUID) (Stats, error) {
	w, err := m.Get(ctx, owner, id)
	if err != nil {
		return Stats{}, err
	}
	s := Stats{Limits: w.Limits}
	all, err := m.total(ctx, owner)
	if err != nil {
		return Stats{}, err
	}
	if s.StorageBytes = all.used; !all.limited {
		if s.StorageBytes, err = m.storage(ctx, w); err != nil {
			return Stats{}, err
		}
	}
	h, ok := m.known(id)
	if !ok || w.Status != Running {
		return s, nil
	}
	latest, rate, err := m.processor(ctx, h)
	if err != nil {
		return s, nil //nolint:nilerr // it is just ending; the next look tells why
	}
	s.CPUMillis, s.MemoryBytes = rate, latest.MemoryBytes
	return s, nil
}

// processor gives a fresh sample and the thousandths of a core used since the
// one before.
func (m *Manager) processor(ctx context.Context, h driver.Handle) (driver.Stats, int64, error) {
	m.mu.Lock()
	before, ok := m.samples[h.WorkspaceID]
	m.mu.Unlock()
	if !ok || m.Now().Sub(before.At) > time.Minute {
		var err error
		if before, err = m.Driver.Stats(ctx, h); err != nil {
			return driver.Stats{}, 0, err
		}
		select {
		case <-ctx.Done():
			return driver.Stats{}, 0, ctx.Err()
		case <-time.After(sampleGap):
		}
	}
	latest, err := m.Driver.Stats(ctx, h)
	if err != nil {
		return driver.Stats{}, 0, err
	}
	m.mu.Lock()
	m.samples[h.WorkspaceID] = latest
	m.mu.Unlock()
	elapsed := latest.At.Sub(before.At)
	if elapsed <= 0 {
		return latest, 0, nil
	}
	return latest, max(int64(latest.CPUTime-before.CPUTime)*1000/int64(elapsed), 0), nil
}
