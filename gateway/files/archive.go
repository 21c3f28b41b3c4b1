package files

import (
	"errors"
	"io"
	"net/http"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/problem"
)

// kinds are the content types of archives, by their format.
var kinds = map[string]string{"": "application/gzip", "tar.gz": "application/gzip", "zip": "application/zip"}

// ReadArchive serves GET …/archive?path=&format=tar.gz|zip.
func (h *Handler) ReadArchive(w http.ResponseWriter, r *http.Request) {
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
	format := r.URL.Query().Get("format")
	if _, known := kinds[format]; !known {
		format = "?" // the service's validation says what is wrong
	}
	stream, err := h.Client.ReadArchive(ctx, &idev1.ReadArchiveRequest{WorkspaceId: workspace, Path: name, Format: format})
	if err == nil {
		_, err = stream.Recv()
	}
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	if format == "" {
		format = "tar.gz"
	}
	title := "workspace"
	if name != "" {
		title = name
	}
	download(w.Header(), kinds[format], title+"."+format)
	w.Header().Set("Cache-Control", "private, no-store")
	if r.Method == http.MethodHead {
		return
	}
	h.copy(ctx, w, func() ([]byte, error) { m, err := stream.Recv(); return m.GetData(), err })
}

// WriteArchive serves PUT …/archive?path=.
func (h *Handler) WriteArchive(w http.ResponseWriter, r *http.Request) {
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
	body, ok := limited(w, r, h.ArchiveLimit)
	if !ok {
		return
	}
	stream, err := h.Client.WriteArchive(ctx)
	if err == nil {
		err = stream.Send(&idev1.WriteArchiveRequest{Head: &idev1.WriteArchiveHead{WorkspaceId: workspace, Path: name}})
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = send(body, func(p []byte) error { return stream.Send(&idev1.WriteArchiveRequest{Data: p}) })
	}
	var done *idev1.WriteArchiveResponse
	if err == nil {
		done, err = stream.CloseAndRecv()
	}
	if err != nil {
		refuse(w, r, err)
		return
	}
	answer(w, done)
}
