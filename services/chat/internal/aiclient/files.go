package aiclient

import (
	"context"
	"fmt"
	"strings"

	"atrium.internal/pkg/apperr"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/turn"
)

var errNoImages = apperr.New(apperr.InvalidArgument, "IMAGES_UNSUPPORTED",
	"This model can't see images. Choose another one, or send the message without them.")

// message is a line with what was sent with it.
func message(l turn.Line) *aiv1.ChatMessage {
	if len(l.Files) == 0 {
		return &aiv1.ChatMessage{Role: string(l.Role), Content: l.Content}
	}
	m := &aiv1.ChatMessage{Role: string(l.Role)}
	for _, f := range l.Files {
		m.Parts = append(m.Parts, part(f))
	}
	m.Parts = append(m.Parts, text(l.Content))
	return m
}

// part gives an image as it is, and a text in a frame that tells it from the
// person's own words.
func part(f turn.File) *aiv1.ContentPart {
	name := strings.NewReplacer(`"`, "'", "<", "(", ">", ")").Replace(f.Name)
	switch {
	case f.Content == nil:
		return text(fmt.Sprintf("[The file \"%s\" was attached here; it is too far back to be shown.]", name))
	case f.Kind == attachment.Image:
		return &aiv1.ContentPart{Part: &aiv1.ContentPart_Image{Image: &aiv1.Image{MediaType: f.MediaType, Data: f.Content}}}
	}
	return text(fmt.Sprintf("<attached-file name=\"%s\">\n%s\n</attached-file>", name, f.Content))
}

func text(t string) *aiv1.ContentPart {
	return &aiv1.ContentPart{Part: &aiv1.ContentPart_Text{Text: t}}
}

// sees refuses images where the model takes none. A model that the catalogue
// does not know may be asked.
func (c *Client) sees(ctx context.Context, p turn.Prompt) error {
	if !hasImages(p) {
		return nil
	}
	m, err := c.model(ctx, p.Model)
	if err != nil {
		return err
	}
	if m != nil && !m.GetCapabilities().GetImages() {
		return errNoImages
	}
	return nil
}

func hasImages(p turn.Prompt) bool {
	for _, l := range p.Lines {
		for _, f := range l.Files {
			if f.Kind == attachment.Image && f.Content != nil {
				return true
			}
		}
	}
	return false
}
