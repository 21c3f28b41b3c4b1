package static

import (
	"bytes"
	"net/http"
	"strconv"

	"atrium.internal/gateway/middleware/securityheaders"
)

// nonceMark is what the build of the web app writes where a nonce belongs.
const nonceMark = "ATRIUM_NONCE"

// page is an HTML page around the places for the answer's nonce.
type page [][]byte

// editorMark is where the app is told how to show VS Code.
const editorMark = "ATRIUM_EDITOR"

func newPage(html []byte, editor Editor) page {
	return bytes.Split(bytes.ReplaceAll(html, []byte(editorMark), []byte(editor)), []byte(nonceMark))
}

// serve answers with the page. It is small and different each time, so it is
// neither compressed nor kept: a new version must show at once.
func (p page) serve(w http.ResponseWriter, r *http.Request, code int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	body := bytes.Join(p, []byte(securityheaders.Nonce(r.Context())))
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader may be gone
	}
}
