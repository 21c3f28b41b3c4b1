package docker

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/template"
)

// TestTheImageHasTheTemplatesLanguages does in a new workspace of each template
// what its README says.
func TestTheImageHasTheTemplatesLanguages(t *testing.T) {
	d := plain.need(t)
	for language, said := range map[string]struct{ script, want string }{
		"go":     {"go run . Ada", "Hello, Ada!"},
		"node":   {"npm test", "# pass 2"},
		"python": {"python3 -m unittest 2>&1 && python3 main.py Ada", "Ran 2 tests"},
	} {
		t.Run(language, func(t *testing.T) {
			seed, ok := template.Set{}.Seed(language)
			require.True(t, ok)
			p := personWith(t, d, driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New(), Seed: seed},
				driver.Limits{CPUMillis: 2000, MemoryBytes: 2 << 30, Processes: 200})
			printed := p.run(t, "cd /workspaces/project && "+said.script+" && echo all went well")
			require.Contains(t, printed, said.want)
			require.Contains(t, printed, "all went well")
		})
	}
}
