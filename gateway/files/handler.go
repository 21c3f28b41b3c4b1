package files

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"path"
	"strconv"
	"unicode/utf8"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/rest"
)

var (
	errTooLarge = apperr.New(apperr.TooLarge, "BODY_TOO_LARGE", "The upload is larger than this deployment allows.")
	errPath     = apperr.New(apperr.InvalidArgument, "PATH_INVALID", "path: is not UTF-8").WithField("path", "is not UTF-8")
	errRead     = apperr.New(apperr.InvalidArgument, "BODY_INCOMPLETE", "The upload did not arrive whole.")
)

// piece is how many bytes travel in one message.
const piece = 64 << 10

// Handler serves the routes.
type Handler struct {
	Client idev1.FileServiceClient
	// FileLimit and ArchiveLimit bound uploads, in bytes.
	FileLimit, ArchiveLimit int64
	// Bind ends a transfer when the session or API token of its caller ends.
	Bind func(*http.Request, principal.Principal) (context.Context, func())
	Log  *slog.Logger
}

// named gives the workspace and the path that a request names. Messages hold
// UTF-8 alone: anything else is the caller's mistake and not a failure of ours.
func named(r *http.Request) (workspace, path string, err error) {
	workspace, path = r.PathValue("workspace"), r.URL.Query().Get("path")
	if !utf8.ValidString(workspace) || !utf8.ValidString(path) {
		return "", "", errPath
	}
	return workspace, path, nil
}

// bound gives the caller's context for a transfer; release ends it. A caller
// who is not signed in is answered here.
func (h *Handler) bound(w http.ResponseWriter, r *http.Request) (ctx context.Context, release func(), ok bool) {
	caller, err := principal.SignedIn(r.Context())
	if err != nil {
		refuse(w, r, err)
		return nil, nil, false
	}
	ctx, release = h.Bind(r, caller)
	return ctx, release, true
}

// Read serves GET …/files/content. It is always something to download: what a
// workspace holds must never act as a page of the platform.
func (h *Handler) Read(w http.ResponseWriter, r *http.Request) {
	ctx, release, ok := h.bound(w, r)
	if !ok {
		return
	}
	defer release()
	workspace, name, err := named(r)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	held := tags(r.Header.Values("If-None-Match"), true)
	stream, err := h.Client.ReadFile(ctx, &idev1.ReadFileRequest{WorkspaceId: workspace, Path: name, IfNoneMatch: held})
	var first *idev1.ReadFileResponse
	if err == nil {
		first, err = stream.Recv()
	}
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	version := first.GetVersion()
	header := w.Header()
	header.Set("ETag", quoted(version.GetTag()))
	header.Set("Cache-Control", "private, no-cache")
	if contains(held, version.GetTag()) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	download(header, "application/octet-stream", version.GetEntry().GetName())
	header.Set("Content-Length", strconv.FormatInt(version.GetEntry().GetSize(), 10))
	header.Set("Last-Modified", version.GetEntry().GetModifiedAt().AsTime().Format(http.TimeFormat))
	if r.Method == http.MethodHead {
		return
	}
	h.copy(ctx, w, func() ([]byte, error) { m, err := stream.Recv(); return m.GetData(), err })
}

// copy writes what the stream brings. A failure cuts the connection, so that a
// part is never taken for the whole.
func (h *Handler) copy(ctx context.Context, w io.Writer, next func() ([]byte, error)) {
	for {
		data, err := next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			if ctx.Err() == nil {
				h.Log.DebugContext(ctx, "download cut short", "error", err)
			}
			panic(http.ErrAbortHandler) // how net/http cuts a broken answer
		}
	}
}

// Write serves PUT …/files/content.
func (h *Handler) Write(w http.ResponseWriter, r *http.Request) {
	ctx, release, ok := h.bound(w, r)
	if !ok {
		return
	}
	defer release()
	workspace, name, err := named(r)
	if err != nil {
		refuse(w, r, err)
		return
	}
	body, ok := limited(w, r, h.FileLimit)
	if !ok {
		return
	}
	stream, err := h.Client.WriteFile(ctx)
	if err == nil {
		err = stream.Send(&idev1.WriteFileRequest{Head: &idev1.WriteFileHead{
			WorkspaceId: workspace, Path: name, Condition: condition(r),
		}})
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = send(body, func(p []byte) error { return stream.Send(&idev1.WriteFileRequest{Data: p}) })
	}
	var version *idev1.FileVersion
	if err == nil {
		version, err = stream.CloseAndRecv()
	}
	if err != nil {
		refuse(w, r, err)
		return
	}
	w.Header().Set("ETag", quoted(version.GetTag()))
	answer(w, version.GetEntry())
}

// Delete serves DELETE …/files/content.
func (h *Handler) Delete(w http.ResponseWriter, r *http.Request) {
	workspace, name, err := named(r)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	recursive := r.URL.Query().Get("recursive") == "true"
	done, err := h.Client.DeleteFile(r.Context(), &idev1.DeleteFileRequest{
		WorkspaceId: workspace, Path: name, Recursive: recursive, Condition: condition(r),
	})
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	answer(w, done)
}

// limited gives the body, as far as it may be read; a longer one that says so
// is refused at once.
func limited(w http.ResponseWriter, r *http.Request, limit int64) (io.Reader, bool) {
	if r.ContentLength > limit {
		refuse(w, r, errTooLarge)
		return nil, false
	}
	return http.MaxBytesReader(w, r.Body, limit), true
}

// send passes a body on in pieces. When the service wants no more of it, the
// service's answer says why.
func send(body io.Reader, pass func([]byte) error) error {
	_, err := io.Copy(pieces(pass), body)
	var over *http.MaxBytesError
	var known *apperr.Error
	switch {
	case err == nil, errors.Is(err, errEnough):
		return nil
	case errors.As(err, &over):
		return errTooLarge
	case errors.As(err, &known):
		return known
	}
	return errRead.WithCause(err)
}

var errEnough = errors.New("the service wants no more")

// pieces cuts what is written into messages.
type pieces func([]byte) error

func (pass pieces) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), piece)
		if err := pass(append([]byte(nil), rest[:n]...)); err != nil { // a sent message is not to be touched again
			return 0, errEnough
		}
		rest = rest[n:]
	}
	return len(p), nil
}

// refuse answers an upload before its end: what is still to come is not read.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	if r.Body != nil && r.Body != http.NoBody {
		w.Header().Set("Connection", "close")
	}
	problem.Write(w, r, err)
}

// download makes an answer a file to keep, which acts nowhere.
func download(header http.Header, kind, name string) {
	header.Set("Content-Type", kind)
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(name)}))
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	header.Set("X-Content-Type-Options", "nosniff")
}

func answer(w http.ResponseWriter, message any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = rest.JSON.NewEncoder(w).Encode(message) // the reader may be gone
}
