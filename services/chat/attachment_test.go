package chat_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat"
	"atrium.internal/services/chat/internal/pdftext/pdftest"
)

// filesAllowed are the settings' defaults.
var filesAllowed = chat.Config{AttachmentSize: 10 << 20, AttachmentQuota: 1 << 30}

// ListModels knows one model that sees images, one that does not, and one that
// reads little.
func (s *scripted) ListModels(context.Context, *aiv1.ListModelsRequest) (*aiv1.ListModelsResponse, error) {
	return &aiv1.ListModelsResponse{Models: []*aiv1.Model{
		{Id: "sees", Default: true, Capabilities: &aiv1.Capabilities{Images: true}},
		{Id: "blind", Capabilities: &aiv1.Capabilities{}},
		{Id: "short", ContextWindow: 2000, Capabilities: &aiv1.Capabilities{}},
	}}, nil
}

func picture(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, image.NewGray(image.Rect(0, 0, 2, 2))))
	return out.Bytes()
}

func (r *replica) upload(ctx context.Context, name string, data []byte) *chatv1.Attachment {
	r.t.Helper()
	a, err := r.client.UploadAttachment(ctx, &chatv1.UploadAttachmentRequest{Name: name, Data: data})
	require.NoError(r.t, err)
	return a
}

func (r *replica) sendWith(ctx context.Context, c *chatv1.Conversation, model string, files ...*chatv1.Attachment) (*chatv1.SendMessageResponse, error) {
	req := &chatv1.SendMessageRequest{ConversationId: c.GetId(), Content: "What is this?", Model: model}
	for _, f := range files {
		req.Attachments = append(req.Attachments, f.GetId())
	}
	return r.client.SendMessage(ctx, req)
}

func answering(_ *aiv1.GenerateRequest, v *voice) error {
	v.say("I see.")
	return v.done()
}

func TestTheModelIsGivenWhatIsAttached(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(filesAllowed), h.person()
	h.ai.will(answering)
	c, image := r.conversation(ctx), picture(t)
	code, shot := r.upload(ctx, `C:\src\main.go`, []byte("package main")), r.upload(ctx, "shot.txt", image)
	require.Equal(t, "main.go", code.GetName())
	require.Equal(t, "image", shot.GetKind(), "what it is shows its content")
	require.Equal(t, "image/png", shot.GetMediaType())

	sent, err := r.sendWith(ctx, c, "", code, shot)
	require.NoError(t, err)
	require.Len(t, sent.GetUserMessage().GetAttachments(), 2)
	require.Equal(t, "complete", r.final(ctx, sent.GetAssistantMessage().GetId()).GetStatus())
	parts := h.ai.requests()[0].GetMessages()[0].GetParts()
	require.Len(t, parts, 3)
	require.Equal(t, "<attached-file name=\"main.go\">\npackage main\n</attached-file>", parts[0].GetText())
	require.Equal(t, image, parts[1].GetImage().GetData())
	require.Equal(t, "What is this?", parts[2].GetText())

	refused, err := r.sendWith(ctx, c, "blind")
	require.NoError(t, err)
	last := r.final(ctx, refused.GetAssistantMessage().GetId())
	require.Equal(t, "IMAGES_UNSUPPORTED", last.GetMetadata().AsMap()["errorReason"], "an image of an earlier message counts too")
}

func TestOfAPDFTheModelIsGivenTheText(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(filesAllowed), h.person()
	h.ai.will(answering)
	c, paper := r.conversation(ctx), pdftest.Paper(t, "BT /F1 12 Tf 72 700 Td (About "+canary+") Tj ET")
	kept := r.upload(ctx, "paper.pdf", paper)
	require.Equal(t, "pdf", kept.GetKind())
	require.Equal(t, "application/pdf", kept.GetMediaType())
	require.Equal(t, int32(len(paper)), kept.GetSize())
	sent, err := r.sendWith(ctx, c, "blind", kept)
	require.NoError(t, err)
	require.Equal(t, "complete", r.final(ctx, sent.GetAssistantMessage().GetId()).GetStatus())
	require.Equal(t, "<attached-file name=\"paper.pdf\">\n[Page 1]\nAbout "+canary+"\n\n</attached-file>",
		h.ai.requests()[0].GetMessages()[0].GetParts()[0].GetText())
	file, err := r.client.GetAttachment(ctx, &chatv1.GetAttachmentRequest{Id: kept.GetId()})
	require.NoError(t, err)
	require.Equal(t, paper, file.GetData(), "its owner gets it as it was")
	require.NotContains(t, r.dump(), hex.EncodeToString([]byte(canary)))
}

func TestOnlyTextsImagesAndPDFsAreTaken(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(chat.Config{AttachmentSize: 2 << 20, AttachmentQuota: 2 << 20}), h.person()
	for reason, data := range map[string]string{
		"PDF_UNREADABLE":       "%PDF-1.4 all in ASCII",
		"PDF_WITHOUT_TEXT":     string(pdftest.Paper(t, "q 1 0 0 1 0 0 cm Q")),
		"ATTACHMENT_TOO_LARGE": strings.Repeat("x", 1<<20+1),
	} {
		_, err := r.client.UploadAttachment(ctx, &chatv1.UploadAttachmentRequest{Name: "a.txt", Data: []byte(data)})
		require.Equal(t, reason, r.reason(err))
	}
	for _, data := range []string{"\xff\xfe\x00", "MZ\x90\x00", "PK\x03\x04", "\x89PNG\r\n\x1a\nbroken", "latin \xe9"} {
		_, err := r.client.UploadAttachment(ctx, &chatv1.UploadAttachmentRequest{Name: "a.txt", Data: []byte(data)})
		require.Equal(t, "ATTACHMENT_TYPE_UNSUPPORTED", r.reason(err), "%q", data)
	}
	svg := r.upload(ctx, "logo.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`))
	require.Equal(t, "text/plain; charset=utf-8", svg.GetMediaType(), "a browser must not run it")
	r.upload(ctx, "one", []byte(strings.Repeat("x", 1<<20)))
	_, err := r.client.UploadAttachment(ctx, &chatv1.UploadAttachmentRequest{Name: "two", Data: []byte(strings.Repeat("x", 1<<20))})
	require.Equal(t, "ATTACHMENT_QUOTA_EXCEEDED", r.reason(err))
}

func TestFilesAreTheirOwnersAndGoWithTheirMessages(t *testing.T) {
	h := newHouse(t)
	r, ada, eve := h.replica(filesAllowed), h.person(), h.person()
	h.ai.will(answering)
	c := r.conversation(ada)
	sent, waiting := r.upload(ada, "sent.txt", []byte("the words of ada")), r.upload(ada, "waiting.txt", []byte("later"))

	_, err := r.sendWith(eve, r.conversation(eve), "", sent)
	require.Equal(t, "ATTACHMENT_NOT_FOUND", r.reason(err))
	_, err = r.client.GetAttachment(eve, &chatv1.GetAttachmentRequest{Id: sent.GetId()})
	require.Equal(t, "ATTACHMENT_NOT_FOUND", r.reason(err))
	_, err = r.client.DeleteAttachment(eve, &chatv1.DeleteAttachmentRequest{Id: sent.GetId()})
	require.Equal(t, "ATTACHMENT_NOT_FOUND", r.reason(err))
	require.False(t, query[bool](h, `SELECT bool_or(position('ada'::bytea IN content) > 0) FROM chat.attachments`), "it is sealed")

	for range 2 { // an edited question keeps its files
		answer, err := r.sendWith(ada, c, "", sent)
		require.NoError(t, err)
		r.final(ada, answer.GetAssistantMessage().GetId())
	}
	file, err := r.client.GetAttachment(ada, &chatv1.GetAttachmentRequest{Id: sent.GetId()})
	require.NoError(t, err)
	require.Equal(t, "the words of ada", string(file.GetData()))
	require.Equal(t, "the words of ada", r.export(ada)["attachments/"+sent.GetId()+"-sent.txt"])
	_, err = r.client.DeleteAttachment(ada, &chatv1.DeleteAttachmentRequest{Id: sent.GetId()})
	require.Equal(t, "ATTACHMENT_SENT", r.reason(err))

	_, err = r.client.DeleteConversation(ada, &chatv1.DeleteConversationRequest{Id: c.GetId()})
	require.NoError(t, err)
	h.exec(`UPDATE chat.chat_conversations SET deleted_at = deleted_at - interval '11 minutes' WHERE id = $1`, c.GetId())
	h.replica(filesAllowed) // looks at its start
	require.Equal(t, waiting.GetId(), query[string](h, `SELECT string_agg(id::text, ',') FROM chat.attachments`))
	h.exec(`UPDATE chat.attachments SET created_at = created_at - interval '25 hours'`)
	h.replica(filesAllowed)
	require.Zero(t, query[int](h, `SELECT count(*) FROM chat.attachments`), "never sent")
}

func TestAnAnswerThatFailedIsTriedAgainWithItsFiles(t *testing.T) {
	h := newHouse(t)
	r, ctx := h.replica(filesAllowed), h.person()
	h.ai.will(func(_ *aiv1.GenerateRequest, v *voice) error {
		v.say("a bit")
		return apperr.New(apperr.Unavailable, "PROVIDER_OVERLOADED", "The model's provider is overloaded.")
	})
	c := r.conversation(ctx)
	sent, err := r.sendWith(ctx, c, "", r.upload(ctx, "main.go", []byte("package main")))
	require.NoError(t, err)
	failed := r.final(ctx, sent.GetAssistantMessage().GetId())
	require.Equal(t, "error", failed.GetStatus())

	h.ai.will(answering)
	again, err := r.client.RegenerateMessage(ctx, &chatv1.RegenerateMessageRequest{Id: failed.GetId()})
	require.NoError(t, err)
	answer := r.final(ctx, again.GetAssistantMessage().GetId())
	require.Equal(t, "complete", answer.GetStatus())
	require.Equal(t, "I see.", answer.GetContent(), "nothing of the failed one")
	require.Equal(t, sent.GetUserMessage().GetId(), answer.GetParentId())
	require.Contains(t, h.ai.requests()[1].GetMessages()[0].GetParts()[0].GetText(), "package main")
	require.Equal(t, "a bit", r.final(ctx, failed.GetId()).GetContent(), "the failed one stays as a sibling")
}
