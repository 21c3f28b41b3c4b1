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

// What the app is told: how to show VS Code, whether to have a service worker,
// and what stands before the path of an asset.
const (
	editorMark = "ATRIUM_EDITOR"
	workerMark = "ATRIUM_WORKER"
	assetsMark = "ATRIUM_ASSETS"
)

// newPage puts what is known at the start in its place; first, if there is
// any, is the path of a script that runs before all others.
func newPage(html []byte, how Options, first string) page {
	worker := "off"
	if how.ServiceWorker {
		worker = "on"
	}
	html = bytes.ReplaceAll(html, []byte(editorMark), []byte(how.Editor))
	html = bytes.ReplaceAll(html, []byte(workerMark), []byte(worker))
	html = bytes.ReplaceAll(html, []byte(assetsMark), []byte(how.AssetsURL))
	if first != "" {
		html = bytes.Replace(html, []byte("<head>"), []byte(`<head><script src="`+first+`" nonce="`+nonceMark+`"></script>`), 1)
	}
	return bytes.Split(html, []byte(nonceMark))
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
