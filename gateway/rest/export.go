package rest

import (
	"archive/zip"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/filechunk"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	commonv1 "atrium.internal/proto/gen/atrium/common/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/problem"
)

// errExporting refuses a second export at the same time.
var errExporting = apperr.New(apperr.RateLimited, "EXPORT_RUNNING",
	"An export of your account is under way. Wait for it to end.").WithRetryAfter(10 * time.Second)

// Export answers a zip of everything that the platform holds of the caller,
// file by file as the services give it: its size takes no memory. Each gateway
// lets a user have one at a time.
type Export struct {
	conns Conns
	log   *slog.Logger
	// bind ends the export when the session or API token of its caller ends.
	bind func(*http.Request, principal.Principal) (context.Context, func())

	mu      sync.Mutex
	running map[uuid.UUID]bool
}

// NewExport makes the handler.
func NewExport(conns Conns, bind func(*http.Request, principal.Principal) (context.Context, func()), log *slog.Logger) *Export {
	return &Export{conns: conns, bind: bind, log: log, running: map[uuid.UUID]bool{}}
}

// ServeHTTP streams the zip. What fails before its first byte is answered as
// an error; after that the connection is cut, so that nobody takes a part for
// the whole.
func (e *Export) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller, err := principal.SignedIn(r.Context())
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	if !e.begin(caller.UserID) {
		problem.Write(w, r, errExporting)
		return
	}
	defer e.end(caller.UserID)
	ctx, release := e.bind(r, caller)
	defer release()

	parts, err := e.open(ctx)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "application/zip")
	header.Set("Content-Disposition", `attachment; filename="atrium-`+time.Now().UTC().Format(time.DateOnly)+`.zip"`)
	header.Set("Cache-Control", "no-store")
	if r.Method == http.MethodHead {
		return
	}
	if err := write(w, parts); err != nil {
		if ctx.Err() == nil {
			e.log.WarnContext(ctx, "export cut short", "user_id", caller.UserID, "error", err)
		}
		panic(http.ErrAbortHandler) // how net/http cuts a broken answer
	}
}

func (e *Export) begin(user uuid.UUID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.running[user] {
		return false
	}
	e.running[user] = true
	return true
}

func (e *Export) end(user uuid.UUID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.running, user)
}

// part is one service's stream, whose first chunk has come.
type part struct {
	service string
	chunks  grpc.ServerStreamingClient[commonv1.FileChunk]
	first   *commonv1.FileChunk
}

// open begins every part, so that a service that is away is noticed before the
// zip begins. An identity is looked at when a call begins; from then on the
// stream may take as long as the caller needs to read it.
func (e *Export) open(ctx context.Context) ([]part, error) {
	type stream = grpc.ServerStreamingClient[commonv1.FileChunk]
	var parts []part
	for _, p := range []struct {
		service string
		begin   func() (stream, error)
	}{
		{"auth", func() (stream, error) {
			return authv1.NewUserServiceClient(e.conns.Auth).ExportAccount(ctx, &authv1.ExportAccountRequest{})
		}},
		{"chat", func() (stream, error) {
			return chatv1.NewChatServiceClient(e.conns.Chat).ExportAccount(ctx, &chatv1.ExportAccountRequest{})
		}},
		{"ai", func() (stream, error) {
			return aiv1.NewAIServiceClient(e.conns.AI).ExportAccount(ctx, &aiv1.ExportAccountRequest{})
		}},
		{"ide", func() (stream, error) {
			return idev1.NewWorkspaceServiceClient(e.conns.IDE).ExportAccount(ctx, &idev1.ExportAccountRequest{})
		}},
	} {
		chunks, err := p.begin()
		if err != nil {
			return nil, err
		}
		first, err := chunks.Recv()
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if err == nil {
			parts = append(parts, part{service: p.service, chunks: chunks, first: first})
		}
	}
	return parts, nil
}

// write makes the zip.
func write(w io.Writer, parts []part) error {
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestSpeed) // the line is the bottleneck, and the processor is everybody's
	})
	for _, p := range parts {
		if err := p.write(archive); err != nil {
			return fmt.Errorf("%s: %w", p.service, err)
		}
	}
	return archive.Close()
}

func (p part) write(archive *zip.Writer) error {
	var file io.Writer
	for chunk := p.first; ; {
		if path := chunk.GetPath(); path != "" {
			if !filechunk.Valid(path) {
				return fmt.Errorf("path %q", path)
			}
			var err error
			header := &zip.FileHeader{Name: path, Method: zip.Deflate, Modified: time.Now().UTC()}
			if file, err = archive.CreateHeader(header); err != nil {
				return err
			}
		}
		if file == nil {
			return errors.New("data without a path")
		}
		if _, err := file.Write(chunk.GetData()); err != nil {
			return err
		}
		var err error
		if chunk, err = p.chunks.Recv(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}
