package window

import (
	"context"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ide/internal/workspace"
)

const (
	// Patience is how long a request waits for a window. One that is in sight
	// takes it within a few milliseconds, one that is not after 400.
	Patience = 1500 * time.Millisecond
	// poll is how often who waits looks by itself, in case news got lost.
	poll = 5 * time.Second
)

// ErrNotFound says that another window has the request, or that nobody waits
// for it any more.
var ErrNotFound = apperr.New(apperr.NotFound, "WINDOW_REQUEST_NOT_FOUND", "Another window shows this file, or it was asked for too long ago.")

// Request asks for a file to be shown.
type Request struct {
	ID uuid.UUID `json:"id"`
	// Path is relative to the project's folder.
	Path string `json:"path"`
	// Line and Column are where the cursor goes, from 1.
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Board holds the latest request of each workspace for as long as somebody
// waits for it.
type Board interface {
	Put(ctx context.Context, workspace uuid.UUID, r Request, lifetime time.Duration) error
	// Waiting gives the request that no window has taken yet.
	Waiting(ctx context.Context, workspace uuid.UUID) (r Request, ok bool, err error)
	// Take gives a request to one caller; ok is false for all others.
	Take(ctx context.Context, workspace, request uuid.UUID) (ok bool, err error)
	// Taken tells whether a window has the request.
	Taken(ctx context.Context, workspace, request uuid.UUID) (bool, error)
}

// Bus carries the news that something about a workspace has changed.
type Bus interface {
	Publish(ctx context.Context, workspace uuid.UUID)
	Subscribe(workspace uuid.UUID) (news <-chan struct{}, cancel func())
}

// Workspaces says whose a workspace is.
type Workspaces interface {
	Get(ctx context.Context, owner, id uuid.UUID) (workspace.Workspace, error)
}

// Windows are those of all workspaces.
type Windows struct {
	Board      Board
	Bus        Bus
	Workspaces Workspaces
}

// Show asks for a file of the owner's workspace to be shown and tells whether
// a window has taken that on. A workspace that does not run has no window.
func (s *Windows) Show(ctx context.Context, owner, id uuid.UUID, r Request) (shown bool, err error) {
	w, err := s.Workspaces.Get(ctx, owner, id)
	if err != nil {
		return false, err
	}
	if !filepath.IsLocal(r.Path) {
		return false, apperr.Invalid("path", "must be a path within the project's folder")
	}
	if w.Status != workspace.Running {
		return false, nil
	}
	if r.ID, err = uuid.NewV7(); err != nil {
		return false, err
	}
	r.Line, r.Column = max(r.Line, 1), max(r.Column, 1)
	news, cancel := s.Bus.Subscribe(id)
	defer cancel()
	if err := s.Board.Put(ctx, id, r, Patience); err != nil {
		return false, err
	}
	s.Bus.Publish(ctx, id)
	end := time.NewTimer(Patience)
	defer end.Stop()
	for waiting := true; waiting; {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-news:
		case <-end.C:
			waiting = false
		}
		if shown, err = s.Board.Taken(ctx, id, r.ID); shown || err != nil {
			return shown, err
		}
	}
	return false, nil
}

// Waiting gives the request that waits for a window of the owner's workspace.
func (s *Windows) Waiting(ctx context.Context, owner, id uuid.UUID) (r Request, ok bool, err error) {
	if _, err := s.Workspaces.Get(ctx, owner, id); err != nil {
		return Request{}, false, err
	}
	return s.Board.Waiting(ctx, id)
}

// Watch sends the request that waits, and those after it, each once, until ctx
// ends or the workspace is no longer the owner's.
func (s *Windows) Watch(ctx context.Context, owner, id uuid.UUID, send func(Request) error) error {
	news, cancel := s.Bus.Subscribe(id)
	defer cancel()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	if _, err := s.Workspaces.Get(ctx, owner, id); err != nil {
		return err
	}
	var sent uuid.UUID
	for {
		r, ok, err := s.Board.Waiting(ctx, id)
		if err != nil {
			return err
		}
		if ok && r.ID != sent {
			if err := send(r); err != nil {
				return err
			}
			sent = r.ID
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-news:
		case <-tick.C:
			if _, err := s.Workspaces.Get(ctx, owner, id); err != nil {
				return err
			}
		}
	}
}

// Take gives a request to the caller's window, or answers ErrNotFound.
func (s *Windows) Take(ctx context.Context, owner, id, request uuid.UUID) error {
	if _, err := s.Workspaces.Get(ctx, owner, id); err != nil {
		return err
	}
	ok, err := s.Board.Take(ctx, id, request)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNotFound
	}
	s.Bus.Publish(ctx, id)
	return nil
}
