// Package upload knows the requests whose body is a file, of any kind, and not
// JSON. No form can send one, and no other origin without being allowed to: they
// are PUTs, or of a type that forms don't have.
package upload

import (
	"net/http"
	"strings"
)

// Is reports whether the request's body is a file.
func Is(r *http.Request) bool { return IsStreamed(r) || IsAttachment(r) }

// IsAttachment reports whether it is a file for a chat message, which is small
// enough to be read whole like any other body.
func IsAttachment(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == "/api/chat/attachments" &&
		r.Header.Get("Content-Type") == "application/octet-stream"
}

// IsStreamed reports whether it is a file of any size that its handler allows,
// which passes through without being kept in memory.
func IsStreamed(r *http.Request) bool {
	if r.Method != http.MethodPut {
		return false
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/api/ide/workspaces/")
	if !ok {
		return false
	}
	_, what, _ := strings.Cut(rest, "/")
	return what == "files/content" || what == "archive"
}
