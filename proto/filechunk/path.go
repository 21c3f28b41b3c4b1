package filechunk

import (
	"fmt"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// maxPath is how long a path may be, in bytes.
const maxPath = 4096

// Valid reports whether a chunk may name its file so: relative,
// slash-separated, without "." or "..", and without anything that another
// system would take for more than a name.
func Valid(path string) bool {
	return path != "." && len(path) <= maxPath && fs.ValidPath(path) && !strings.ContainsFunc(path, odd)
}

// Name makes any file's name, one element of a path, fit for a chunk: what it
// may not hold becomes % and two hexadecimal digits. Other names stay as they are.
func Name(name string) string {
	if !strings.ContainsFunc(name, odd) && utf8.ValidString(name) {
		return name
	}
	var clean strings.Builder
	for len(name) > 0 {
		r, size := utf8.DecodeRuneInString(name)
		if odd(r) || (r == utf8.RuneError && size == 1) {
			for _, b := range []byte(name[:size]) {
				fmt.Fprintf(&clean, "%%%02X", b)
			}
		} else {
			clean.WriteString(name[:size])
		}
		name = name[size:]
	}
	return clean.String()
}

// odd are control characters, and what separates folders elsewhere.
func odd(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }

// Slug makes a short plain name of a text: lower-case letters, digits and
// dashes. It may be empty.
func Slug(text string) string {
	const longest = 40
	var slug strings.Builder
	gap := false
	for _, r := range strings.ToLower(text) {
		if slug.Len() >= longest {
			break
		}
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			gap = true
			continue
		}
		if gap && slug.Len() > 0 {
			slug.WriteByte('-')
		}
		gap = false
		slug.WriteRune(r)
	}
	return slug.String()
}
