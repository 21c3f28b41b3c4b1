package grpcapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"time"

	"google.golang.org/grpc"

	"atrium.internal/pkg/grpcx"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/workspace"
)

// Terminals implements TerminalService.
type Terminals struct {
	idev1.UnimplementedTerminalServiceServer
	Manager *workspace.Manager
}

// Attach passes on what is typed and printed until one of them ends.
func (s *Terminals) Attach(stream grpc.BidiStreamingServer[idev1.AttachRequest, idev1.AttachResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	head := first.GetHead()
	caller, id, err := target(stream.Context(), "workspaceId", head.GetWorkspaceId())
	if err != nil {
		return err
	}
	session := head.GetSession()
	if session == "" {
		session = strings.ToLower(rand.Text())
	}
	ctx, cancel := context.WithCancelCause(stream.Context())
	defer cancel(nil)
	shell, err := s.Manager.Terminal(ctx, caller.UserID, id, driver.Terminal{
		Session: session, Cols: uint16(head.GetSize().GetCols()), Rows: uint16(head.GetSize().GetRows()),
	})
	if err != nil {
		return err
	}
	defer shell.Close()
	defer context.AfterFunc(ctx, func() { shell.Close() })()
	go func() { cancel(typed(ctx, stream, shell)) }()
	go func() {
		select {
		case <-s.Manager.ShuttingDown():
			cancel(workspace.ErrShuttingDown)
		case <-ctx.Done():
		}
	}()
	err = stream.Send(&idev1.AttachResponse{Attached: &idev1.Attached{Session: session, Resumed: shell.Resumed()}})
	if err == nil {
		err = watched(ctx, stream, shell)
	}
	var exit driver.ExitError
	switch cause := context.Cause(ctx); {
	case errors.As(err, &exit):
		return stream.Send(&idev1.AttachResponse{Ended: &idev1.ShellEnded{ExitCode: int32(exit.Code)}})
	case cause != nil && !errors.Is(cause, io.EOF):
		return cause
	case cause != nil:
		return nil // the watcher has gone in order
	}
	return err
}

// typed passes on what comes in, and gives the reason why no more does.
func typed(ctx context.Context, stream grpc.BidiStreamingServer[idev1.AttachRequest, idev1.AttachResponse], shell driver.Shell) error {
	var failed error
	err := grpcx.EachRequest(stream, func(m *idev1.AttachRequest) error {
		if size := m.GetResize(); size != nil {
			failed = shell.Resize(uint16(size.GetCols()), uint16(size.GetRows()))
		}
		if data := m.GetData(); failed == nil && len(data) > 0 {
			failed = shell.Send(data)
		}
		return failed
	})
	if failed != nil { // whoever reads from the shell learns why
		<-ctx.Done()
	}
	return err
}

// goneWithin is how long a shell may take to let go of its watcher.
const goneWithin = time.Second

// watched is printed, but waits for no shell that does not let go of a watcher who
// has gone: programs of the workspace could bring that about.
func watched(ctx context.Context, stream grpc.BidiStreamingServer[idev1.AttachRequest, idev1.AttachResponse], shell driver.Shell) error {
	end := make(chan error, 1)
	go func() { end <- printed(stream, shell) }()
	select {
	case err := <-end:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-end:
		return err
	case <-time.After(goneWithin):
		return context.Cause(ctx)
	}
}

// A shell that prints without end takes turns with everybody else: after rush bytes
// that came within rushWithin, nothing is passed on for the time of a breath. With
// processors that are never idle, a key in another terminal waits several times as
// long for its turn.
const (
	rush       = 128 << 10
	rushWithin = 10 * time.Millisecond
	breath     = time.Millisecond
)

// printed passes on what the shell prints, and gives the reason why no more comes.
func printed(stream grpc.BidiStreamingServer[idev1.AttachRequest, idev1.AttachResponse], shell driver.Shell) error {
	began, passed := time.Now(), 0
	for {
		p, err := shell.Receive()
		if err != nil {
			return err
		}
		// A sent message is not to be touched again.
		if err := stream.Send(&idev1.AttachResponse{Data: bytes.Clone(p)}); err != nil {
			return err
		}
		if passed += len(p); passed < rush {
			continue
		}
		if time.Since(began) < rushWithin {
			time.Sleep(breath)
		}
		began, passed = time.Now(), 0
	}
}
