package aiwire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"atrium.internal/pkg/apperr"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
)

// DefaultModel is a name that every wire takes for the model that answers when
// none is asked for, so that a client can be set up without knowing the others.
const DefaultModel = "default"

// Read decodes a request's body, which the body limit has read whole. Fields
// that are not known are left alone: clients send what newer services take.
func Read(r *http.Request, into any) error {
	err := json.NewDecoder(r.Body).Decode(into)
	if err == nil {
		return nil
	}
	return apperr.New(apperr.InvalidArgument, "BODY_UNREADABLE", "The request's body could not be read: "+err.Error()).WithCause(err)
}

// Refuse makes the error for something that is wrong, or not supported.
func Refuse(field, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	return apperr.New(apperr.InvalidArgument, "INVALID_ARGUMENT", field+": "+message).WithField(field, message)
}

// Text is a content part of a text.
func Text(text string) *aiv1.ContentPart {
	return &aiv1.ContentPart{Part: &aiv1.ContentPart_Text{Text: text}}
}

// Image is a content part of a picture in base64.
func Image(field, mediaType, data string) (*aiv1.ContentPart, error) {
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return nil, Refuse(field, "is not base64")
	}
	switch mediaType {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
	default:
		return nil, Refuse(field, "want image/png, image/jpeg, image/gif or image/webp, not %q", mediaType)
	}
	return &aiv1.ContentPart{Part: &aiv1.ContentPart_Image{Image: &aiv1.Image{MediaType: mediaType, Data: raw}}}, nil
}

// Model is a model's name as the ai service takes it.
func Model(name string) string {
	if name == DefaultModel {
		return ""
	}
	return name
}

// Blank reports whether a text says nothing, which the ai service refuses and
// clients send beside what they mean.
func Blank(text string) bool { return strings.TrimSpace(text) == "" }
