package vscode_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver/vscode"
)

func TestAGalleryIsAnAddressOrAnObject(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{
		"":                           "",
		"https://vsx.example/vscode": `{"serviceUrl":"https://vsx.example/vscode/gallery","itemUrl":"https://vsx.example/vscode/item","resourceUrlTemplate":"https://vsx.example/vscode/unpkg/{publisher}/{name}/{version}/{path}"}`,
		`{"serviceUrl":"https://m.example/api","itemUrl":"https://m.example/item"}`: `{"serviceUrl":"https://m.example/api","itemUrl":"https://m.example/item"}`,
		"http://127.0.0.1:9/x/": `{"serviceUrl":"http://127.0.0.1:9/x/gallery","itemUrl":"http://127.0.0.1:9/x/item","resourceUrlTemplate":"http://127.0.0.1:9/x/unpkg/{publisher}/{name}/{version}/{path}"}`,
	} {
		got, err := vscode.Gallery(setting)
		require.NoError(t, err, setting)
		if want == "" {
			require.Empty(t, got)
			continue
		}
		require.JSONEq(t, want, got)
	}
	for _, setting := range []string{
		"vsx.example", "http://vsx.example/vscode", "https://ada:secret@vsx.example", "ftp://vsx.example", "https://", `{"serviceUrl":"http://m.example"}`, `{"itemUrl":"https://m.example"}`, `{"other":1}`, `{`,
	} {
		_, err := vscode.Gallery(setting)
		require.Error(t, err, setting)
		require.NotContains(t, err.Error(), "secret")
	}
}
