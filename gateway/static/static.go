// Package static serves the web app that is built into the binary: its pages
// for every path that the app knows, its assets unchanging and compressed.
package static

import (
	"bytes"
	"compress/gzip"
	"embed"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"atrium.internal/pkg/apperr"

	"atrium.internal/gateway/problem"
)

// dist is made by building web/; a build without it still starts and says so.
//
//go:embed all:dist
var dist embed.FS

// ErrNotBuilt means that the binary holds no web app.
var ErrNotBuilt = errors.New("the web app is not built in: run make build")

var errNoAsset = apperr.New(apperr.NotFound, "ROUTE_NOT_FOUND", "There is nothing at this path.")

// Files serves the web app.
type Files struct {
	files       map[string]*file
	index, docs page
	elsewhere   bool // whether browsers load assets from another host
}

// file is one file of the app; its compressed form is made when first asked for.
type file struct {
	kind       string
	plain      []byte
	compressed func() []byte
}

// Editor is how the app shows VS Code.
type Editor string

// In a frame of the platform's page, or, where the workspaces' hosts are on
// another site and many browsers let a frame keep nothing, in a tab of its own.
const (
	InFrame Editor = "frame"
	InTab   Editor = "tab"
)

// Options are what depends on the deployment.
type Options struct {
	Editor Editor
	// ServiceWorker lets browsers keep the app's program; without it, one that
	// they have from before removes itself.
	ServiceWorker bool
	// AssetsURL stands before /assets/…, where browsers load them from; empty
	// for the platform itself.
	AssetsURL string
}

// New reads the built-in app.
func New(how Options) (*Files, error) {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return read(built, how)
}

func read(app fs.FS, how Options) (*Files, error) {
	s := &Files{files: map[string]*file{}}
	err := fs.WalkDir(app, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name[0] == '.' {
			return err
		}
		content, err := fs.ReadFile(app, name)
		if err != nil {
			return err
		}
		s.files["/"+name] = newFile(name, content)
		return nil
	})
	if err != nil {
		return nil, err
	}
	index, docs := s.files["/index.html"], s.files["/api-docs.html"]
	if index == nil || docs == nil {
		return nil, ErrNotBuilt
	}
	first := ""
	if how.AssetsURL != "" {
		s.elsewhere = true
		if first, err = s.addIntegrity(how.AssetsURL); err != nil {
			return nil, err
		}
	}
	s.index, s.docs = newPage(index.plain, how, first), newPage(docs.plain, how, first)
	if script := s.files[workerName]; script != nil {
		if s.files[workerName], err = newWorker(script.plain, s.index, how); err != nil {
			return nil, err
		}
	}
	delete(s.files, "/index.html")
	delete(s.files, "/api-docs.html")
	return s, nil
}

// APIDocs answers with the page that shows the contract.
func (s *Files) APIDocs(w http.ResponseWriter, r *http.Request) {
	s.docs.serve(w, r, http.StatusOK)
}

// NotBuilt answers in place of a web app that is not there.
func NotBuilt() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, ErrNotBuilt.Error(), http.StatusServiceUnavailable)
	})
}

// ServeHTTP answers assets by name and any other path with the app, whose
// router takes it from there.
func (s *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		problem.Write(w, r, errNoAsset)
		return
	}
	name := path.Clean(r.URL.Path)
	if f, ok := s.files[name]; ok {
		switch {
		case strings.HasPrefix(name, "/assets/"): // named by content
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			if s.elsewhere { // which may hand on what it gets here, headers and all
				w.Header().Set("Access-Control-Allow-Origin", "*")
				w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			}
		case name == workerName:
			w.Header().Set("Cache-Control", "no-cache")
		default:
			w.Header().Set("Cache-Control", "public, max-age=300")
		}
		f.serve(w, r, http.StatusOK)
		return
	}
	if strings.HasPrefix(name, "/assets/") || strings.HasPrefix(name, "/api/") || name == "/api" {
		problem.Write(w, r, errNoAsset)
		return
	}
	if strings.HasPrefix(name, "/share/") { // for who has the link, not for who searches
		w.Header().Set("X-Robots-Tag", "noindex")
	}
	code := http.StatusNotFound
	if isPage(name) {
		code = http.StatusOK
	}
	s.index.serve(w, r, code)
}

// isPage reports whether the app has a page at the path; others show its
// not-found page.
func isPage(name string) bool {
	switch name {
	case "/", "/login", "/register", "/forgot", "/reset", "/chat", "/ide", "/settings", "/admin":
		return true
	}
	for _, prefix := range []string{"/chat/", "/ide/workspace/", "/settings/", "/admin/", "/share/"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" && !strings.Contains(rest, "/") {
			return true
		}
	}
	return false
}

func newFile(name string, content []byte) *file {
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	return &file{kind: kind, plain: content, compressed: sync.OnceValue(func() []byte {
		if !worthCompressing(kind, content) {
			return nil
		}
		var out bytes.Buffer
		z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is valid
		_, _ = z.Write(content)                                 // memory doesn't fail
		_ = z.Close()
		return out.Bytes()
	})}
}

func worthCompressing(kind string, content []byte) bool {
	const least = 1024
	return len(content) >= least && (strings.HasPrefix(kind, "text/") ||
		strings.Contains(kind, "javascript") || strings.Contains(kind, "json") || strings.Contains(kind, "svg"))
}

func (f *file) serve(w http.ResponseWriter, r *http.Request, code int) {
	body := f.plain
	w.Header().Set("Content-Type", f.kind)
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if small := f.compressed(); small != nil {
			w.Header().Set("Content-Encoding", "gzip")
			body = small
		}
	}
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader may be gone
	}
}
