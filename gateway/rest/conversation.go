package rest

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"path"

	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"

	"atrium.internal/gateway/problem"
)

var exportTypes = map[string]string{".md": "text/markdown; charset=utf-8", ".json": "application/json"}

// ConversationExport answers one conversation as a file to keep.
type ConversationExport struct {
	Client chatv1.ChatServiceClient
	Log    *slog.Logger
}

// ServeHTTP streams the file. What fails before its first byte is answered as
// an error; after that the connection is cut, so that nobody takes a part for
// the whole.
func (e ConversationExport) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	chunks, err := e.Client.ExportConversation(ctx, &chatv1.ExportConversationRequest{
		Id: r.PathValue("conversation"), Format: r.URL.Query().Get("format"),
	})
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	chunk, err := chunks.Recv()
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	name := path.Base(chunk.GetPath())
	header := w.Header()
	header.Set("Content-Type", exportTypes[path.Ext(name)])
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	header.Set("Cache-Control", "no-store")
	for err == nil {
		if _, err = w.Write(chunk.GetData()); err != nil {
			return // the reader is gone
		}
		chunk, err = chunks.Recv()
	}
	if !errors.Is(err, io.EOF) {
		e.Log.WarnContext(ctx, "export of a conversation cut short", "error", err)
		panic(http.ErrAbortHandler) // how net/http cuts a broken answer
	}
}
