package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNothingThatIsAttachedRunsInThePlatformsOrigin(t *testing.T) {
	p := startPlatform(t, "one process")
	ada := p.browser(t)
	ada.register("ada")
	for name, content := range map[string]string{
		"page.html": `<!doctype html><script>alert(1)</script>`,
		"logo.svg":  `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`,
		"shot.png":  `<html><script>alert(1)</script></html>`,
	} {
		file := ada.upload(name, content)
		require.Equal(t, "text", file["kind"], name)
		a := ada.call("GET", "/api/chat/attachments/"+file["id"].(string)+"/content", nil)
		require.Equal(t, http.StatusOK, a.StatusCode, "%s", a.body)
		require.Equal(t, content, string(a.body))
		require.Equal(t, "text/plain; charset=utf-8", a.Header.Get("Content-Type"))
		require.True(t, strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment"), name)
		require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
		require.Equal(t, []string{"sandbox; default-src 'none'"}, a.Header.Values("Content-Security-Policy"))
	}
	for _, kind := range []string{"text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"} {
		r := ada.request("POST", "/api/chat/attachments?name=a.txt", strings.NewReader("x"), "Content-Type", kind)
		a := ada.do(r)
		require.Equal(t, http.StatusBadRequest, a.StatusCode, "a form can send %s", kind)
		require.Equal(t, "CONTENT_TYPE_UNSUPPORTED", a.reason())
	}
}
