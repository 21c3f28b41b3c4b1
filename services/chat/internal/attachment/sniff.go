package attachment

import (
	"bytes"
	"image"
	_ "image/gif" // decoders for Sniff
	_ "image/jpeg"
	_ "image/png"
	"unicode/utf8"
)

// Sniff tells what content is, whatever its name says, or answers ErrType.
// Whatever a browser could run, such as HTML and SVG, is a plain text here.
func Sniff(content []byte) (mediaType string, kind Kind, err error) {
	if _, format, err := image.DecodeConfig(bytes.NewReader(content)); err == nil {
		return "image/" + format, Image, nil
	}
	if isWebP(content) {
		return "image/webp", Image, nil
	}
	if bytes.HasPrefix(content, []byte("%PDF-")) {
		return "application/pdf", PDF, nil
	}
	if !isText(content) {
		return "", "", ErrType
	}
	return "text/plain; charset=utf-8", Text, nil
}

func isWebP(content []byte) bool {
	return len(content) > 15 && string(content[:4]) == "RIFF" && string(content[8:14]) == "WEBPVP"
}

// isText says whether a person could have written it.
func isText(content []byte) bool {
	return utf8.Valid(content) && bytes.IndexFunc(content, func(r rune) bool { return r < ' ' && !isSpacing(r) }) < 0
}

// isSpacing allows also what terminals and old printers took in texts.
func isSpacing(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r == '\f' || r == '\v' || r == '\b' || r == 0x1b
}
