package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEveryModuleOfAProgramHasItsLicence(t *testing.T) {
	cache, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE").Output()
	require.NoError(t, err)
	_, all := components(t, archive(t, time.Now(), self(t)), "-modules", strings.TrimSpace(string(cache)))
	require.Equal(t, "Apache-2.0", (*all["pkg:golang/github.com/CycloneDX/cyclonedx-go@v0.12.0"].Licenses)[0].Expression)
	modules := 0
	for purl, component := range all {
		if strings.HasPrefix(purl, "pkg:golang/") {
			modules++
			require.NotNil(t, component.Licenses, purl)
		}
	}
	require.GreaterOrEqual(t, modules, 4)
}

func TestALicenceIsToldByItsText(t *testing.T) {
	text := func(name string) string {
		found, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		return string(found)
	}
	isc, zero := text("isc"), text("0bsd")
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"one":                {map[string]string{"LICENSE": isc}, "ISC"},
		"its other spelling": {map[string]string{"licence.md": isc}, "ISC"},
		"two":                {map[string]string{"LICENSE": isc, "COPYING": zero}, "0BSD AND ISC"},
		"the same twice":     {map[string]string{"LICENSE": isc, "LICENSE.txt": isc}, "ISC"},
		"a part of others":   {map[string]string{"LICENSE": isc, "vendored/LICENSE": zero}, "ISC"},
		"one is not known":   {map[string]string{"LICENSE": isc, "LICENSE-2": strings.Repeat("All is ours, and you may not. ", 50)}, ""},
		"not a licence":      {map[string]string{"license.go": isc, "README": zero}, ""},
		"none":               {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cache := t.TempDir()
			folder := filepath.Join(cache, "example.com", "!upper", "case@v1.0.0+incompatible") // as the cache writes capitals
			require.NoError(t, os.MkdirAll(filepath.Join(folder, "vendored"), 0o755))
			for file, content := range c.files {
				require.NoError(t, os.WriteFile(filepath.Join(folder, file), []byte(content), 0o600))
			}
			require.Equal(t, c.want, moduleLicence(cache, "example.com/Upper/case", "v1.0.0+incompatible"))
		})
	}
	require.Empty(t, moduleLicence(t.TempDir(), "example.com/away", "v1.0.0"))
}
