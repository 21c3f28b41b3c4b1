package workspace

import (
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ide/internal/driver"
)

// What Terminal refuses, and how a terminal ends.
var (
	ErrTerminals     = apperr.New(apperr.Conflict, "TERMINALS_UNAVAILABLE", "This workspace shows no terminals. Restart it; if that does not help, this deployment lacks the program workspace-keeper.")
	ErrManyTerminals = apperr.New(apperr.Conflict, "TERMINALS_EXHAUSTED", "The workspace has as many terminals as it may. Type exit in one that you no longer need.")
	ErrTerminalTaken = apperr.New(apperr.Conflict, "TERMINAL_TAKEN_OVER", "The terminal was opened somewhere else.")
	ErrShuttingDown  = apperr.New(apperr.Unavailable, "SERVICE_RESTARTING", "The service is restarting. Connect again.")
)

// Terminal attaches to a shell of a running workspace of the owner's. Keys that
// are typed, and what is printed meanwhile, count as somebody at work.
func (m *Manager) Terminal(ctx context.Context, owner, id uuid.UUID, t driver.Terminal) (driver.Shell, error) {
	if _, err := m.Get(ctx, owner, id); err != nil {
		return nil, err
	}
	var shell driver.Shell
	s, err := m.within(ctx, id, func(h driver.Handle) (err error) { shell, err = m.Driver.Terminal(ctx, h, t); return err })
	if err != nil {
		return nil, terminalError(err)
	}
	_, err = m.Store.Update(ctx, id, func(*Workspace) (Change, error) {
		return Change{Audit: Audit{Type: "workspace.open_terminal", Metadata: map[string]any{"resumed": shell.Resumed()}}}, nil
	})
	if err != nil {
		return nil, errors.Join(err, shell.Close())
	}
	s.use.open.Add(1)
	return &watchedShell{Shell: shell, use: &s.use}, nil
}

// ShuttingDown is closed when whatever lasts must end, to begin again elsewhere.
func (m *Manager) ShuttingDown() <-chan struct{} { return m.base.Done() }

func terminalError(err error) error {
	switch {
	case errors.Is(err, driver.ErrNotRunning):
		return ErrNotRunning
	case errors.Is(err, driver.ErrTerminals):
		return ErrManyTerminals
	case errors.Is(err, driver.ErrNoTerminals):
		return ErrTerminals
	case errors.Is(err, driver.ErrTaken):
		return ErrTerminalTaken
	}
	return err
}

// watchedShell counts what its watcher does and sees.
type watchedShell struct {
	driver.Shell
	use    *use
	closed sync.Once
}

func (s *watchedShell) Close() error {
	s.closed.Do(func() { s.use.open.Add(-1) })
	return s.Shell.Close()
}

func (s *watchedShell) Receive() ([]byte, error) {
	p, err := s.Shell.Receive()
	s.use.carried.Add(int64(len(p)))
	return p, terminalError(err)
}

func (s *watchedShell) Send(p []byte) error {
	s.use.typed.Store(true)
	return s.Shell.Send(p)
}
