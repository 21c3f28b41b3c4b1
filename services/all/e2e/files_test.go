package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// shelf is the files of a workspace, over the API.
type shelf struct {
	*browser
	base string
}

func (b *browser) shelf(workspace string) shelf {
	return shelf{b, "/api/ide/workspaces/" + workspace}
}

func (s shelf) content(path string) string {
	return s.base + "/files/content?path=" + url.QueryEscape(path)
}

func (s shelf) put(path, text string, headers ...string) answer {
	s.t.Helper()
	return s.do(s.request("PUT", s.content(path), strings.NewReader(text), append([]string{"Content-Type", "text/plain"}, headers...)...))
}

func (s shelf) get(path string, headers ...string) answer {
	s.t.Helper()
	return s.call("GET", s.content(path), nil, headers...)
}

// names lists a folder.
func (s shelf) names(path string) []string {
	s.t.Helper()
	names := []string{}
	for _, e := range s.must("GET", s.base+"/files?path="+url.QueryEscape(path), nil)["entries"].([]any) {
		names = append(names, e.(object)["name"].(string))
	}
	return names
}

func TestFilesOfAWorkspaceThatNeverRan(t *testing.T) {
	forEachMode(t, []string{"ATRIUM_FILE_LIMIT=1000000"}, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		id := ada.must("POST", "/api/ide/workspaces", object{"name": "project", "template": "go"})["id"].(string)
		files := ada.shelf(id)
		t.Cleanup(func() { ada.after("DELETE", files.base) })

		require.Equal(t, []string{".vscode", "README.md", "go.mod", "main.go", "main_test.go"}, files.names(""), "the template's")
		whole := strings.Repeat("0123456789\n", 50_000)
		written := files.put("docs/größe & more.txt", whole)
		require.Equal(t, http.StatusOK, written.StatusCode, "%s", written.body)
		require.Equal(t, "docs/größe & more.txt", written.object(t)["path"])
		require.EqualValues(t, "550000", written.object(t)["size"])
		tag := written.Header.Get("ETag")
		require.Regexp(t, `^"[\w-]+"$`, tag)

		read := files.get("docs/größe & more.txt")
		require.Equal(t, whole, string(read.body))
		require.Equal(t, tag, read.Header.Get("ETag"))
		require.Equal(t, "application/octet-stream", read.Header.Get("Content-Type"))
		require.Equal(t, http.StatusNotModified, files.get("docs/größe & more.txt", "If-None-Match", `"other", W/`+tag).StatusCode)
		head := files.call("HEAD", files.content("docs/größe & more.txt"), nil)
		require.Equal(t, "550000", head.Header.Get("Content-Length"))

		require.Equal(t, http.StatusPreconditionFailed, files.put("docs/größe & more.txt", "late", "If-Match", `"other"`).StatusCode)
		require.Equal(t, http.StatusPreconditionFailed, files.put("docs/größe & more.txt", "late", "If-Match", "W/"+tag).StatusCode, "weak ones never match")
		require.Equal(t, http.StatusPreconditionFailed, files.put("docs/größe & more.txt", "late", "If-None-Match", "*").StatusCode)
		require.Equal(t, http.StatusPreconditionFailed, files.call("DELETE", files.content("docs/größe & more.txt"), nil, "If-Match", `"other"`).StatusCode)
		require.Equal(t, http.StatusOK, files.put("docs/größe & more.txt", "in time", "If-Match", tag).StatusCode)

		moved := files.must("POST", files.base+"/files/move", object{"from": "docs", "to": "papers"})
		require.Equal(t, "directory", moved["type"])
		require.Equal(t, "in time", string(files.get("papers/größe & more.txt").body))
		require.Equal(t, "a/b", files.must("POST", files.base+"/directories", object{"path": "a/b"})["path"])
		require.Equal(t, http.StatusConflict, files.call("DELETE", files.content("papers"), nil).StatusCode)
		files.must("DELETE", files.content("papers")+"&recursive=true", nil)
		require.Equal(t, []string{".vscode", "a", "README.md", "go.mod", "main.go", "main_test.go"}, files.names(""))

		for path, want := range map[string]int{
			"../x": 400, "/etc/passwd": 400, "": 400, "a//b": 400, "a/../b": 400, "\x00": 400, "\xff": 400, "a": 409, "missing": 404, "main.go/x": 409, strings.Repeat("x", 300): 400,
		} {
			got := files.get(path)
			require.Equal(t, want, got.StatusCode, "%q: %s", path, got.body)
			requireShape(t, got)
		}
		for _, body := range []object{{"from": "main.go", "to": "../x"}, {"from": "main.go"}, {"from": "a", "to": "a/c"}, {"from": "main.go", "to": "README.md"}, {"from": "none", "to": "x"}} {
			got := files.call("POST", files.base+"/files/move", body)
			require.Contains(t, []int{400, 404, 409}, got.StatusCode, "%v: %s", body, got.body)
			requireShape(t, got)
		}
	})
}

// endless is a body that says nothing of its size.
func endless(size int64) io.Reader { return io.LimitReader(zeros{}, size) }

func TestAttack48EndlessUploadsAreCut(t *testing.T) {
	p := startPlatform(t, "one process", "ATRIUM_FILE_LIMIT=1000000")
	ada := p.browser(t)
	ada.register("ada48")
	files := ada.shelf(ada.must("POST", "/api/ide/workspaces", object{"name": "project"})["id"].(string))
	t.Cleanup(func() { ada.after("DELETE", files.base) })
	before := files.names("")
	for name, body := range map[string]io.Reader{"said": bytes.NewReader(make([]byte, 1_000_001)), "unsaid": endless(64 << 20)} {
		got := files.do(files.request("PUT", files.content("large"), body))
		require.Equal(t, http.StatusRequestEntityTooLarge, got.StatusCode, "%s: %s", name, got.body)
		requireShape(t, got)
	}
	require.Equal(t, http.StatusOK, files.do(files.request("PUT", files.content("large"), endless(1_000_000))).StatusCode, "the limit itself is allowed")
	files.must("DELETE", files.content("large"), nil)
	require.Equal(t, before, files.names(""), "nothing is left of what was refused")
	stranger := p.browser(t)
	require.Equal(t, http.StatusUnauthorized, stranger.do(stranger.request("PUT", files.content("x"), endless(64<<20))).StatusCode)
}

func TestAttack49WhatAWorkspaceHoldsNeverActsAsAPage(t *testing.T) {
	p := attacked(t)
	ada := p.browser(t)
	ada.register("ada49")
	files := ada.shelf(ada.must("POST", "/api/ide/workspaces", object{"name": "project"})["id"].(string))
	for _, name := range []string{"a.html", "a.svg", "a.xml", "a.pdf", "a.js", `quo"te.html`, "line\nbreak.html"} {
		require.Equal(t, http.StatusOK, files.put(name, "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>").StatusCode)
		got := files.get(name, "Accept", "text/html,image/svg+xml", "Sec-Fetch-Dest", "document")
		require.Equal(t, http.StatusOK, got.StatusCode)
		require.Equal(t, "application/octet-stream", got.Header.Get("Content-Type"), name)
		require.True(t, strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment"), name)
		require.Equal(t, "nosniff", got.Header.Get("X-Content-Type-Options"), name)
		require.Equal(t, "default-src 'none'; sandbox", got.Header.Get("Content-Security-Policy"), name)
	}
}

func TestOneOfManyWritersOfTheSameVersionWins(t *testing.T) {
	ada := attacked(t).browser(t)
	ada.register("adarace")
	ada.shelf(ada.must("POST", "/api/ide/workspaces", object{"name": "project"})["id"].(string)).race(t)
}

// race has many write the same version of a file, of whom one may.
func (s shelf) race(t *testing.T) {
	t.Helper()
	tag := s.put("contested", "first").Header.Get("ETag")
	var mu sync.Mutex
	got := map[int]int{}
	var writers sync.WaitGroup
	for range 10 {
		writers.Go(func() {
			response, err := client.Do(s.request("PUT", s.content("contested"), strings.NewReader("mine"), "If-Match", tag))
			if err != nil {
				t.Error(err)
				return
			}
			_ = response.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			got[response.StatusCode]++
		})
	}
	writers.Wait()
	require.Equal(t, map[int]int{http.StatusOK: 1, http.StatusPreconditionFailed: 9}, got)
}

func TestFilesRespectThePlansStorage(t *testing.T) {
	p := startPlatform(t, "one process", "ATRIUM_FILE_LIMIT=4000000000")
	ada := onPlan(t, p, "small", 1000, 3)
	_, err := p.database(t).Exec(t.Context(), `UPDATE auth.plans SET storage_bytes = 3000000 WHERE name = 'small'`)
	require.NoError(t, err)
	files := ada.shelf(ada.must("POST", "/api/ide/workspaces", object{"name": "project"})["id"].(string))
	other := ada.shelf(ada.must("POST", "/api/ide/workspaces", object{"name": "other"})["id"].(string))
	t.Cleanup(func() { ada.after("DELETE", files.base); ada.after("DELETE", other.base) })
	eventually(t, "the plan's storage is used up", func() error {
		got := files.do(files.request("PUT", files.content("large"), endless(64<<20)))
		require.Contains(t, []int{http.StatusTooManyRequests, http.StatusOK}, got.StatusCode, "%s", got.body)
		if got.StatusCode == http.StatusOK { // the session's plan is not the new one yet
			files.must("DELETE", files.content("large"), nil)
			return io.ErrNoProgress
		}
		require.Equal(t, "QUOTA_EXCEEDED", got.reason())
		return nil
	})
	require.NotContains(t, files.names(""), "large", "nothing is left of it")
	require.Equal(t, http.StatusTooManyRequests, other.do(other.request("PUT", other.content("large"), endless(3_000_001))).StatusCode, "all of a user's workspaces share it")
}
