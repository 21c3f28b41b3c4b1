package warm_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/fakedriver"
	"atrium.internal/services/ide/internal/driver/warm"
)

// maker makes slots of nothing.
type maker struct {
	*fakedriver.Driver
	mu       sync.Mutex
	alive    map[uuid.UUID]bool
	made     int
	before   []driver.Handle
	lock     error
	cold     error // what Claim answers
	warming  error
	released bool
}

func newMaker() *maker {
	return &maker{Driver: fakedriver.New(), alive: map[uuid.UUID]bool{}}
}

func (m *maker) Slots(context.Context, []string) ([]driver.Handle, func() error, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lock != nil {
		return nil, nil, m.lock
	}
	return m.before, func() error { m.released = true; return nil }, nil
}

func (m *maker) Warm(context.Context, []string) (driver.Handle, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.warming != nil {
		return driver.Handle{}, m.warming
	}
	m.made++
	id := uuid.New()
	m.alive[id] = true
	return driver.Handle{WorkspaceID: id, Running: true}, nil
}

func (m *maker) Claim(_ context.Context, slot driver.Handle, spec driver.Spec) (driver.Handle, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cold != nil {
		return driver.Handle{}, m.cold
	}
	delete(m.alive, slot.WorkspaceID)
	return driver.Handle{WorkspaceID: spec.WorkspaceID, Owner: spec.Owner, Warm: true, Running: true}, nil
}

func (m *maker) Stats(_ context.Context, h driver.Handle) (driver.Stats, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.alive[h.WorkspaceID] {
		return driver.Stats{}, driver.ErrNotRunning
	}
	return driver.Stats{}, nil
}

func (m *maker) Stop(_ context.Context, h driver.Handle) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.alive, h.WorkspaceID)
	return nil
}

func (m *maker) Destroy(context.Context, driver.Handle) error { return nil }

// die ends all slots unasked.
func (m *maker) die() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.alive)
}

func (m *maker) running() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.alive)
}

// house is a pool and what it is told.
type house struct {
	*warm.Pool
	maker    *maker
	memory   atomic.Int64
	outcomes []string
}

func open(t *testing.T, most int, m *maker) *house {
	t.Helper()
	h := &house{maker: m}
	h.memory.Store(8 << 30)
	h.Pool = warm.New(warm.Options{
		Driver: m, Most: most,
		Ready:     func(context.Context, func(context.Context) (net.Conn, error)) error { return nil },
		Available: func() (int64, error) { return h.memory.Load(), nil },
		Observe:   func(_, outcome string) { h.outcomes = append(h.outcomes, outcome) },
	})
	h.Start(t.Context())
	synctest.Wait()
	return h
}

func (h *house) close(t *testing.T) {
	t.Helper()
	require.NoError(t, h.Stop(t.Context()))
	require.Zero(t, h.maker.running(), "nothing is left")
}

func (h *house) claim(t *testing.T) bool {
	t.Helper()
	_, ok := h.Claim(t.Context(), driver.Spec{WorkspaceID: uuid.New()})
	synctest.Wait()
	return ok
}

// wait lets some time go by.
func wait(d time.Duration) { time.Sleep(d); synctest.Wait() }

func TestDemandSaysHowManyAreReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, 3, newMaker())
		defer h.close(t)
		require.Equal(t, 1, h.Warm(), "one for whoever comes first")
		require.True(t, h.claim(t))
		require.Zero(t, h.Warm(), "who got one needs the processor first")
		require.False(t, h.claim(t))
		wait(3 * time.Second)
		require.Equal(t, 3, h.Warm(), "as many as were wanted lately, and one")
		for range 3 {
			require.True(t, h.claim(t))
		}
		require.Equal(t, []string{warm.Claimed, warm.Missed, warm.Claimed, warm.Claimed, warm.Claimed}, h.outcomes)
		wait(3 * time.Second)
		require.Equal(t, 3, h.Warm(), "not more than the setting")
		wait(11 * time.Minute)
		require.Equal(t, 1, h.Warm(), "nobody came for a while")
	})
}

func TestNobodyGetsASlotTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, 2, newMaker())
		defer h.close(t)
		seen := map[uuid.UUID]bool{}
		for range 20 {
			id := uuid.New()
			got, ok := h.Claim(t.Context(), driver.Spec{WorkspaceID: id})
			if ok {
				require.Equal(t, id, got.WorkspaceID)
			}
			wait(3 * time.Second)
			require.False(t, seen[got.WorkspaceID])
			seen[got.WorkspaceID] = ok
		}
		require.Equal(t, 20+h.Warm(), h.maker.made, "each claim took one, and it did not come back")
	})
}

func TestSlotsThatAreNoGoodAreReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, 1, newMaker())
		defer h.close(t)
		h.maker.cold = driver.ErrNoWarmth
		require.False(t, h.claim(t))
		require.Equal(t, 1, h.Warm(), "it is as it was")
		h.maker.cold = errors.New("half mounted")
		require.False(t, h.claim(t))
		require.Zero(t, h.maker.running(), "it may have a user's files, so nobody gets it")
		h.maker.cold = nil
		wait(3 * time.Second)
		h.maker.die()
		wait(16 * time.Second)
		require.Equal(t, 1, h.maker.running())
		require.True(t, h.claim(t))
		require.Equal(t, []string{warm.Missed, warm.Failed, warm.Claimed}, h.outcomes)
	})
}

func TestSlotsGiveTheirMemoryBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, 2, newMaker())
		defer h.close(t)
		h.memory.Store(700 << 20)
		wait(16 * time.Second)
		require.Equal(t, 1, h.Warm())
		require.True(t, h.claim(t))
		wait(time.Minute)
		require.Zero(t, h.Warm(), "none is made")
		h.memory.Store(4 << 30)
		wait(16 * time.Second)
		require.Equal(t, 2, h.Warm())
		h.memory.Store(300 << 20)
		wait(16 * time.Second)
		require.Zero(t, h.maker.running())
	})
}

func TestAPoolTakesOverWhatItsPredecessorLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMaker()
		left := driver.Handle{WorkspaceID: uuid.New(), Running: true}
		m.before, m.alive[left.WorkspaceID], m.lock = []driver.Handle{left}, true, driver.ErrSlots
		h := open(t, 1, m)
		require.Zero(t, h.Warm(), "another process has the slots")
		require.Zero(t, m.made)
		m.mu.Lock()
		m.lock = nil
		m.mu.Unlock()
		wait(61 * time.Second)
		require.Equal(t, 1, h.Warm())
		require.Zero(t, m.made)
		h.close(t)
		require.True(t, m.released)
		require.False(t, h.claim(t))
	})
}

func TestAMachineThatCanNotIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMaker()
		m.lock = driver.ErrNoWarmth
		h := open(t, 1, m)
		require.False(t, h.claim(t))
		wait(time.Hour)
		require.Zero(t, m.made)
		h.close(t)

		m = newMaker()
		m.warming = errors.New("no room")
		h = open(t, 1, m)
		wait(90 * time.Second)
		m.mu.Lock()
		m.warming = nil
		m.mu.Unlock()
		wait(time.Minute)
		require.Equal(t, 1, h.Warm(), "it is tried again")
		h.close(t)
	})
}
