package codeassist

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
)

// promptFiles hold each prompt with the schema of its answer.
//
//go:embed prompts
var promptFiles embed.FS

var prompts = template.Must(template.New("").Funcs(template.FuncMap{"orUnknown": orUnknown}).ParseFS(promptFiles, "prompts/*.tmpl"))

func orUnknown(language string) string {
	if language == "" {
		return "unknown"
	}
	return language
}

// render fills a prompt file, whose templates "<name>.system" and "<name>.user"
// are the two halves.
func render(name string, data any) (system, user string, err error) {
	var halves [2]strings.Builder
	for i, half := range []string{".system", ".user"} {
		if err := prompts.ExecuteTemplate(&halves[i], name+half, data); err != nil {
			return "", "", fmt.Errorf("prompt %s: %w", name, err)
		}
	}
	return halves[0].String(), halves[1].String(), nil
}
