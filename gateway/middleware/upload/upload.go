// Package upload knows the requests whose body is a file and not JSON. Their
// bodies are of any kind and any size that the handler allows, and pass through
// without being kept in memory. All of them are PUTs, which no form can send
// and no other origin without being allowed to.
package upload

import (
	"net/http"
	"strings"
)

// Is reports whether the request's body is a file.
func Is(r *http.Request) bool {
	if r.Method != http.MethodPut {
		return false
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/api/ide/workspaces/")
	if !ok {
		return false
	}
	_, what, _ := strings.Cut(rest, "/")
	return what == "files/content"
}
