package attachment

import (
	"bytes"
	"image"
	_ "image/gif" // decoders for Sniff
	_ "image/jpeg"
	_ "image/png"
	"net/http"
	"strings"
	"unicode/utf8"
)

// Sniff tells what content is, whatever its name says, or answers ErrType.
// Whatever a browser could run, such as HTML and SVG, is a plain text here.
func Sniff(content []byte) (mediaType string, kind Kind, err error) {
	switch found := http.DetectContentType(content); found {
	case "image/png", "image/jpeg", "image/gif":
		if _, _, err := image.DecodeConfig(bytes.NewReader(content)); err != nil {
			return "", "", ErrType
		}
		return found, Image, nil
	case "image/webp":
		return found, Image, nil
	default:
		// Other formats may begin like a text, as PDF does.
		if !strings.HasPrefix(found, "text/") || bytes.IndexByte(content, 0) >= 0 || !utf8.Valid(content) {
			return "", "", ErrType
		}
		return "text/plain; charset=utf-8", Text, nil
	}
}
