package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/stretchr/testify/require"
)

type entry struct {
	name    string
	content string
	mode    int64
}

// archive is an image's files, all of them of that time.
func archive(t *testing.T, at time.Time, entries ...entry) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	files := tar.NewWriter(&out)
	for _, one := range entries {
		require.NoError(t, files.WriteHeader(&tar.Header{Name: one.name, Mode: one.mode, Size: int64(len(one.content)), ModTime: at}))
		_, err := files.Write([]byte(one.content))
		require.NoError(t, err)
	}
	require.NoError(t, files.Close())
	return &out
}

func bill(t *testing.T, files *bytes.Buffer, args ...string) (raw string, versions map[string]string) {
	t.Helper()
	raw, components := components(t, files, args...)
	versions = map[string]string{}
	for purl, component := range components {
		versions[purl] = component.Version
	}
	return raw, versions
}

func components(t *testing.T, files *bytes.Buffer, args ...string) (raw string, all map[string]cdx.Component) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(append(args, "atrium-test", "1.2.3"), files, &out))
	var bom cdx.BOM
	require.NoError(t, cdx.NewBOMDecoder(bytes.NewReader(out.Bytes()), cdx.BOMFileFormatJSON).Decode(&bom))
	all = map[string]cdx.Component{}
	for _, component := range *bom.Components {
		all[component.PackageURL] = component
	}
	return out.String(), all
}

// self is this program, linked of what its go.mod says.
func self(t *testing.T) entry {
	t.Helper()
	name := filepath.Join(t.TempDir(), "self")
	said, err := exec.CommandContext(t.Context(), "go", "build", "-o", name, ".").CombinedOutput()
	require.NoError(t, err, string(said))
	program, err := os.ReadFile(name)
	require.NoError(t, err)
	return entry{"usr/local/bin/self", string(program), 0o755}
}

const dpkg = "Package: git\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2.39.5-0+deb12u3\nDescription: fast\n more: of it\n\n" +
	"Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n"

func TestABillNamesWhatIsInTheImage(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "package-lock.json")
	require.NoError(t, os.WriteFile(lock, []byte(`{"packages": {
		"": {"name": "web"},
		"node_modules/react": {"version": "19.2.0", "license": "MIT"},
		"node_modules/a/node_modules/@scope/b": {"version": "2.0.0"},
		"node_modules/vite": {"version": "8.0.0", "dev": true}}}`), 0o600))
	raw, versions := bill(t, archive(t, time.Now(), self(t),
		entry{"var/lib/dpkg/status", dpkg, 0o644},
		entry{"opt/vscode/node_modules/ws/package.json", `{"name": "ws", "version": "8.18.3", "license": "MIT"}`, 0o644},
		entry{"opt/vscode/node_modules/ws/extensions/css/package.json", `{"name": "css", "version": "1.0.0"}`, 0o644},
		entry{"opt/vscode/node_modules/bad/package.json", `not JSON`, 0o644},
	), "-lock", lock)

	require.Equal(t, "v0.12.0", versions["pkg:golang/github.com/CycloneDX/cyclonedx-go@v0.12.0"], "what a program is linked of")
	require.Equal(t, "1:2.39.5-0+deb12u3", versions["pkg:deb/debian/git@1:2.39.5-0+deb12u3?arch=amd64"])
	require.Equal(t, "8.18.3", versions["pkg:npm/ws@8.18.3"])
	require.Equal(t, "19.2.0", versions["pkg:npm/react@19.2.0"])
	require.Equal(t, "2.0.0", versions["pkg:npm/%40scope/b@2.0.0"])
	require.Contains(t, versions, "pkg:generic/self")
	require.NotContains(t, raw, "vite", "what only builds is not in it")
	require.NotContains(t, raw, "css", "an extension is no package")
	require.NotContains(t, raw, "gone", "what Debian has removed is not in it")
	var whole struct{ BomFormat, SerialNumber string }
	require.NoError(t, json.Unmarshal([]byte(raw), &whole))
	require.Equal(t, "CycloneDX", whole.BomFormat)
	require.Regexp(t, `^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, whole.SerialNumber)
}

func TestTheSameFilesGiveTheSameBill(t *testing.T) {
	one, two := entry{"a", "text", 0o644}, entry{"b", "text", 0o755}
	first, _ := bill(t, archive(t, time.Unix(1, 0), one, two))
	again, _ := bill(t, archive(t, time.Unix(2, 0), two, one, entry{".dockerenv", "", 0o755}, entry{"etc/hosts", "127.0.0.1", 0o644}))
	require.Equal(t, first, again, "times, order and the engine's own files make no difference")

	other, _ := bill(t, archive(t, time.Unix(1, 0), one, entry{"b", "text", 0o700}))
	require.NotEqual(t, first, other, "rights do")
	other, _ = bill(t, archive(t, time.Unix(1, 0), entry{"a", "tex!", 0o644}, two))
	require.NotEqual(t, first, other, "contents do")
}

func TestWhatIsNoArchiveIsSaid(t *testing.T) {
	err := run([]string{"n", "v"}, bytes.NewReader([]byte("this is not a tar archive, however long it may go on")), &bytes.Buffer{})
	require.ErrorContains(t, err, "the image's files")
	require.ErrorIs(t, run([]string{"n"}, nil, nil), errUsage)
}
