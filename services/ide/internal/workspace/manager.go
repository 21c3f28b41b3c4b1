package workspace

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// Settings are the rules that an operator may change.
type Settings struct {
	// AutostopAfter is how long a workspace runs with nobody at work in it.
	AutostopAfter time.Duration
	// StartTimeout bounds a start, from the volume to the editor's page.
	StartTimeout time.Duration
	// Interval is how often the reconciler looks at everything.
	Interval time.Duration
	// PublicURL is where a workspace's programs reach the platform, without a
	// slash at its end.
	PublicURL string
	// Environment is what every editor is told besides, as name=value; nothing
	// secret.
	Environment []string
	// Processes bounds how many processes a workspace may have.
	Processes int64
	// DormantAfter is how long a workspace may be unused before its owner is told
	// that it is deleted after DormantNotice more; zero keeps all.
	DormantAfter, DormantNotice time.Duration
	// Replica is this service among several on one database, the same one after
	// a restart; zero is a new one. See ActAs.
	Replica uuid.UUID
	// LeaseFor is how long a replica that ended without a word keeps others from
	// its workspaces; zero is half a minute.
	LeaseFor time.Duration
}

// Deps are what a Manager works with. Now may be nil for the real clock.
type Deps struct {
	Store Store
	// Recent may be nil: then Store is read instead.
	Recent    Recent
	Journal   Journal
	Ledger    Ledger
	Removals  Removals
	Shares    Shares
	Leases    Leases
	Bus       Bus
	Driver    Sandboxes
	Volumes   driver.Volumes
	Editor    Editor
	Templates Templates
	// Tokens may be nil: then workspaces have none.
	Tokens Tokens
	// Notices may be nil: then owners read it on the page alone.
	Notices Notices
	// Observer may be nil.
	Observer Observer
	Log      *slog.Logger
	Now      func() time.Time
}

// Manager answers calls about workspaces and makes what they ask for so.
type Manager struct {
	Deps
	settings Settings

	// base ends when the manager stops; every worker lives in it.
	base  context.Context
	end   context.CancelFunc
	tasks sync.WaitGroup

	mu sync.Mutex
	// surveyed are the isolation classes that have told once what runs. Nobody
	// acts on a workspace that may have a sandbox in another.
	surveyed  map[string]bool
	sandboxes map[uuid.UUID]*sandbox
	workers   map[uuid.UUID]*worker
	samples   map[uuid.UUID]driver.Stats
	sizes     map[uuid.UUID]size
	// begun is when this process did; swept are the workspaces that it has swept.
	begun time.Time
	swept map[uuid.UUID]bool
	// leases are this replica's, until when they surely last.
	leases map[uuid.UUID]time.Time
	// coming counts, by owner, the workspaces that are being brought up.
	coming map[uuid.UUID]int
	// full: the disk was nearly full at the reconciler's last look, which alone
	// uses this.
	full bool
	// unended are the workspaces whose token outlived them.
	unended map[uuid.UUID]bool

	// looking is for who looks for sandboxes that another replica has started.
	looking sync.Mutex

	// filling is for making volumes: one at a time each.
	filling locks
}

// sandbox is what this process knows of a workspace's sandbox.
type sandbox struct {
	handle driver.Handle
	// ready: its editor has answered, so it may be dialled.
	ready bool
	use   use
}

// New makes a manager that does nothing yet.
func New(settings Settings, deps Deps) *Manager {
	if settings.Replica == uuid.Nil {
		settings.Replica = uuid.New()
	}
	if settings.LeaseFor == 0 {
		settings.LeaseFor = leaseFor
	}
	if deps.Recent == nil {
		deps.Recent = fromStore{deps.Store}
	}
	if deps.Now == nil {
		deps.Now = time.Now
	}
	base, end := context.WithCancel(context.Background())
	return &Manager{
		Deps: deps, settings: settings, base: base, end: end, surveyed: map[string]bool{}, coming: map[uuid.UUID]int{}, leases: map[uuid.UUID]time.Time{},
		begun: time.Now(), swept: map[uuid.UUID]bool{},
		sandboxes: map[uuid.UUID]*sandbox{}, workers: map[uuid.UUID]*worker{},
		samples: map[uuid.UUID]driver.Stats{}, sizes: map[uuid.UUID]size{}, unended: map[uuid.UUID]bool{},
	}
}

// ActAs says which replica this is, before Start.
func (m *Manager) ActAs(replica uuid.UUID) { m.settings.Replica = replica }

// Start looks at everything once and then keeps looking. Workspaces that run
// already are taken over; what was cut short is carried on.
func (m *Manager) Start(ctx context.Context) {
	m.Reconcile(ctx)
	m.tasks.Go(m.hear)
	m.tasks.Go(func() {
		ticker := time.NewTicker(m.settings.LeaseFor / 3)
		defer ticker.Stop()
		for {
			select {
			case <-m.base.Done():
				return
			case <-ticker.C:
				m.keepLeases(m.base)
			}
		}
	})
	m.tasks.Go(func() {
		ticker := time.NewTicker(m.settings.Interval)
		defer ticker.Stop()
		for {
			select {
			case <-m.base.Done():
				return
			case <-ticker.C:
				m.Reconcile(m.base)
			}
		}
	})
}

// Stop ends the workers and the reconciler. Workspaces keep running; a start
// or stop that is under way is carried on by the next process.
func (m *Manager) Stop(ctx context.Context) error {
	m.end()
	done := make(chan struct{})
	go func() { m.tasks.Wait(); close(done) }()
	select {
	case <-done:
		m.leaveVolumes(ctx)
		m.releaseLeases(ctx)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// known gives the sandbox of a workspace, if this process knows one.
func (m *Manager) known(id uuid.UUID) (driver.Handle, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sandboxes[id]
	if !ok {
		return driver.Handle{}, false
	}
	return s.handle, true
}

// remember notes a sandbox's newest handle and whether its editor is ready.
func (m *Manager) remember(h driver.Handle, ready bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.sandboxes[h.WorkspaceID]; ok {
		s.handle, s.ready = h, ready
		return
	}
	m.sandboxes[h.WorkspaceID] = &sandbox{handle: h, ready: ready}
}

func (m *Manager) forget(id uuid.UUID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sandboxes, id)
	delete(m.samples, id)
	delete(m.sizes, id)
}
