package template_test

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/template"
)

func TestEveryTemplateHasFiles(t *testing.T) {
	t.Parallel()
	for _, listed := range (template.Set{}).List() {
		files, ok := template.Set{}.Seed(listed.ID)
		require.True(t, ok, listed.ID)
		if listed.ID == "git" || listed.ID == "upload" {
			require.Nil(t, files, "what fills them comes from elsewhere")
			continue
		}
		_, err := fs.Stat(files, "README.md")
		require.NoError(t, err, listed.ID)
	}
	_, ok := template.Set{}.Seed("../template")
	require.False(t, ok)
}
