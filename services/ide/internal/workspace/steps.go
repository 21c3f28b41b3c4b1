package workspace

import (
	"context"
	"errors"
	"net"
	"path"
	"slices"
	"strings"
	"sync"

	"atrium.internal/services/ide/internal/driver"
)

// stageError is a failed stage of a start, with what is told of it.
type stageError struct {
	reason Reason
	cause  error
}

func (e *stageError) Error() string { return e.reason.Words + " " + e.cause.Error() }
func (e *stageError) Unwrap() error { return e.cause }

func stage(reason Reason, err error) error {
	if err == nil {
		return nil
	}
	return &stageError{reason: reason, cause: err}
}

// bringUp makes a workspace run, telling each stage.
func (m *Manager) bringUp(ctx context.Context, p *progress, w Workspace) error {
	p.tell(StepVolume, "Preparing your files.")
	if err := m.endSandbox(ctx, w.ID); err != nil { // the next token ends the one before
		return stage(remainsLeft, err)
	}
	class := m.given(w)
	told := m.issue(ctx, w, class)
	defer func() { told() }() // else a failed start's token could come after its end
	alone, settled := m.comes(w.UserID)
	defer settled()
	volume, err := m.ensure(ctx, w, alone && !m.runsFor(w.UserID))
	if errors.Is(err, driver.ErrDiskFull) {
		return stage(diskFull, err)
	}
	if err != nil {
		return stage(filesFailed, err)
	}
	p.tell(StepSandbox, "Making the sandbox.")
	if w, err = m.settle(ctx, p, w, class); err != nil {
		return err
	}
	warm, err := m.furnish(ctx, p, w, volume, told, false)
	if err != nil && warm && ctx.Err() == nil {
		m.Log.WarnContext(ctx, "a sandbox that was ready is no good; another is made", "workspace_id", w.ID, "error", err)
		if err = m.clear(ctx, w.ID); err == nil {
			told = m.issue(ctx, w, class)
			warm, err = m.furnish(ctx, p, w, volume, told, true)
		}
	}
	if err != nil {
		return err
	}
	if warm { // its editor has served a page, and has just told what it sees
		return m.open(ctx, p, w)
	}
	return m.takeOver(ctx, p, w)
}

// issue begins to make the workspace's token. told waits for what its programs are
// told then; it may be called more than once.
func (m *Manager) issue(ctx context.Context, w Workspace, class string) (told func() []string) {
	w.Isolation = class
	var env []string
	var issued sync.WaitGroup
	issued.Go(func() { env = m.told(ctx, w) })
	return func() []string { issued.Wait(); return env }
}

// furnish makes a sandbox with its editor; warm says that it was one made ahead,
// which cold forbids.
func (m *Manager) furnish(ctx context.Context, p *progress, w Workspace, volume driver.Volume, told func() []string, cold bool) (warm bool, err error) {
	h, err := m.Driver.Prepare(ctx, w.Isolation, driver.Spec{
		WorkspaceID: w.ID, Owner: w.UserID, Hostname: hostname(w.Name), Folder: path.Base(w.Path), Cold: cold,
		Limits: driver.Limits{CPUMillis: w.Limits.CPUMillis, MemoryBytes: w.Limits.MemoryBytes, Processes: m.settings.Processes},
	})
	if err != nil {
		return false, stage(sandboxFailed, err)
	}
	m.remember(h, false)
	message := "Starting VS Code."
	if h.Warm {
		message = "Opening VS Code, which was started ahead."
	}
	p.tell(StepEditor, message)
	h.Env = slices.Concat(told(), m.settings.Environment)
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	attached, err := m.Driver.Attach(ctx, h, volume)
	if err != nil {
		return h.Warm, stage(editorFailed, err)
	}
	m.remember(attached, false)
	return h.Warm, nil
}

// given is the isolation class of a workspace's next sandbox.
func (m *Manager) given(w Workspace) string {
	if w.Limits.Isolation == "" {
		return m.Driver.Default()
	}
	return w.Limits.Isolation
}

// settle notes in which isolation class the sandbox is about to be made, before it
// is, unless the row says so: wherever this process ends, the next one knows where
// to look. A workspace without a sandbox may move to another class, since the
// files are the same in each.
func (m *Manager) settle(ctx context.Context, p *progress, w Workspace, class string) (Workspace, error) {
	if w.Isolation == class {
		return w, context.Cause(ctx)
	}
	w, err := p.update(ctx, func(w *Workspace) (Change, error) {
		if w.Desired != WantRunning {
			return Change{}, errSuperseded
		}
		w.Isolation = class
		return Change{}, nil
	})
	if err == nil {
		m.Bus.Publish(ctx, w.ID)
	}
	return w, err
}

// takeOver waits for the editor of a sandbox that runs, and opens it.
func (m *Manager) takeOver(ctx context.Context, p *progress, w Workspace) error {
	h, ok := m.known(w.ID)
	if !ok {
		return errors.New("the sandbox is not known")
	}
	err := m.Editor.Await(ctx, func(ctx context.Context) (net.Conn, error) { return m.Driver.Dial(ctx, h) })
	if err != nil {
		return stage(editorNotReady, err)
	}
	return m.open(ctx, p, w)
}

// open does what is left once the editor serves, and says ready.
func (m *Manager) open(ctx context.Context, p *progress, w Workspace) error {
	h, ok := m.known(w.ID)
	if !ok {
		return errors.New("the sandbox is not known")
	}
	if err := m.clone(ctx, p, w, h); err != nil {
		return err
	}
	ready := "VS Code is ready." + m.missing(ctx, w, h)
	_, err := p.update(ctx, func(w *Workspace) (Change, error) {
		if w.Desired != WantRunning || w.Restart {
			return Change{}, errSuperseded
		}
		w.Status, w.StatusReason, w.LastAccessed = Running, Reason{}, m.Now()
		w.ContainerID, w.Path = h.ID, h.Folder
		c := event(StepReady, ready)
		c.Meter = MeterOpen
		return c, nil
	})
	if err != nil {
		return err
	}
	m.remember(h, true)
	m.Bus.Publish(ctx, w.ID)
	m.sweep(w)
	return nil
}

// hostname makes a name into what a shell's prompt can show.
func hostname(name string) string {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		}
		return '-'
	}, name)
	clean = strings.Trim(clean, "-")
	if clean == "" {
		return "workspace"
	}
	return clean[:min(len(clean), 63)]
}
