package directory

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// helloVSIX is a whole extension, as a gallery hands it out.
func helloVSIX(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, text := range map[string]string{
		"extension/package.json": `{"name":"hello","publisher":"example","version":"1.2.3","displayName":"Hello","engines":{"vscode":"^1.60.0"}}`,
		"[Content_Types].xml":    `<?xml version="1.0" encoding="utf-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension=".json" ContentType="application/json"/><Default Extension=".vsixmanifest" ContentType="text/xml"/></Types>`,
		"extension.vsixmanifest": `<?xml version="1.0" encoding="utf-8"?><PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011"><Metadata><Identity Language="en-US" Id="hello" Version="1.2.3" Publisher="example"/><DisplayName>Hello</DisplayName></Metadata><Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Dependencies/><Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets></PackageManifest>`,
	} {
		f, err := w.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(f, text)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return out.Bytes()
}

// gallery speaks VS Code's gallery protocol about one extension.
func gallery(t *testing.T) *httptest.Server {
	t.Helper()
	vsix := helloVSIX(t)
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	mux.HandleFunc("POST /vscode/gallery/extensionquery", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		found := []any{}
		if strings.Contains(strings.ToLower(string(body)), "hello") {
			asset := func(kind, path string) map[string]string {
				return map[string]string{"assetType": kind, "source": server.URL + path}
			}
			found = append(found, map[string]any{
				"extensionId": "6f1b1f5e-0000-4000-8000-000000000001", "extensionName": "hello", "displayName": "Hello", "flags": "",
				"publisher": map[string]string{"publisherId": "6f1b1f5e-0000-4000-8000-000000000002", "publisherName": "example", "displayName": "Example", "flags": ""},
				"versions": []any{map[string]any{
					"version": "1.2.3", "lastUpdated": "2026-01-01T00:00:00Z", "flags": "", "assetUri": server.URL + "/assets", "fallbackAssetUri": server.URL + "/assets",
					"files":      []any{asset("Microsoft.VisualStudio.Code.Manifest", "/manifest"), asset("Microsoft.VisualStudio.Services.VSIXPackage", "/vsix")},
					"properties": []any{map[string]string{"key": "Microsoft.VisualStudio.Code.Engine", "value": "^1.60.0"}},
				}},
				"statistics": []any{}, "tags": []any{}, "categories": []any{},
			})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"results": []any{map[string]any{
			"extensions":     found,
			"resultMetadata": []any{map[string]any{"metadataType": "ResultCount", "metadataItems": []any{map[string]any{"name": "TotalCount", "count": len(found)}}}},
		}}})
	})
	mux.HandleFunc("GET /vsix", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(vsix) })
	mux.HandleFunc("GET /manifest", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"name":"hello","publisher":"example","version":"1.2.3","engines":{"vscode":"^1.60.0"}}`)
	})
	mux.HandleFunc("GET /assets/{kind}", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.PathValue("kind"), "VSIXPackage") {
			_, _ = w.Write(vsix)
			return
		}
		_, _ = io.WriteString(w, `{"name":"hello","publisher":"example","version":"1.2.3","engines":{"vscode":"^1.60.0"}}`)
	})
	return server
}

// TestExtensionsComeFromTheGalleryAndLast installs one in a workspace, from a
// gallery that the deployment names, and finds it in another of the same user.
func TestExtensionsComeFromTheGalleryAndLast(t *testing.T) {
	needVSCode(t)
	d := newDriver(t, dataDir(t))
	s := conformance.Subject{Driver: d, Volumes: d.Store, Again: func(*testing.T) driver.Driver { return d }}
	_, err := d.Probe(t.Context())
	require.NoError(t, err)
	server := gallery(t)
	named, err := vscode.Gallery(server.URL + "/vscode")
	require.NoError(t, err)

	owner := uuid.New()
	code := func(h driver.Handle, args ...string) (string, int) {
		t.Helper()
		r, err := decode(h.State)
		require.NoError(t, err)
		p := d.places(*d.found, r)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var said strings.Builder
		command := slices.Concat(vscode.CLI(p), []string{"--user-data-dir", p.State, "--extensions-dir", p.Extensions}, args)
		exit, err := d.Execute(ctx, h, driver.Command{Args: command, Env: []string{vscode.GalleryVariable + "=" + named}}, func(p []byte) { said.Write(p) })
		require.NoError(t, err)
		return said.String(), exit
	}
	first := conformance.Start(t, s, owner, uuid.New(), nil)
	said, exit := code(first, "--install-extension", "example.hello")
	require.Zero(t, exit, said)
	said, exit = code(first, "--install-extension", "example.none")
	require.NotZero(t, exit, said)
	require.NoError(t, d.Stop(t.Context(), first))

	second := conformance.Start(t, s, owner, uuid.New(), nil)
	said, _ = code(second, "--list-extensions", "--show-versions")
	require.Contains(t, said, "example.hello@1.2.3")
	stranger := conformance.Start(t, s, uuid.New(), uuid.New(), nil)
	said, _ = code(stranger, "--list-extensions")
	require.NotContains(t, said, "example.hello")
}
