package rest

import (
	"io"
	"mime"
	"net/http"

	"google.golang.org/grpc/metadata"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"

	"atrium.internal/gateway/problem"
)

var errNotAFile = apperr.New(apperr.InvalidArgument, "CONTENT_TYPE_UNSUPPORTED",
	"A file must be sent as application/octet-stream.").WithField("Content-Type", "must be application/octet-stream")

// Attachments serves the files of chat messages.
type Attachments struct{ Client chatv1.ChatServiceClient }

// Upload keeps the request's body, whose size middleware has bounded.
func (a Attachments) Upload(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Content-Type") != "application/octet-stream" {
		problem.Write(w, r, errNotAFile)
		return
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	ctx := r.Context()
	if key := r.Header.Get(grpcx.MetadataIdempotencyKey); key != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, grpcx.MetadataIdempotencyKey, key)
	}
	kept, err := a.Client.UploadAttachment(ctx, &chatv1.UploadAttachmentRequest{Name: r.URL.Query().Get("name"), Data: data})
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	answer, err := JSON.Marshal(kept)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(answer) // the reader may be gone
}

// Content answers a file to keep. Only images, which the chat shows, may be
// shown at this address; everything else, which may be HTML or SVG by somebody
// else, is text that no browser runs.
func (a Attachments) Content(w http.ResponseWriter, r *http.Request) {
	file, err := a.Client.GetAttachment(r.Context(), &chatv1.GetAttachmentRequest{Id: r.PathValue("attachment")})
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	how := "attachment"
	if file.GetAttachment().GetKind() == "image" {
		how = "inline"
	}
	header := w.Header()
	header.Set("Content-Type", file.GetAttachment().GetMediaType())
	header.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": file.GetAttachment().GetName()}))
	header.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	_, _ = w.Write(file.GetData()) // the reader may be gone
}
