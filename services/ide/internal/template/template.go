// Package template holds what new workspaces can be filled with: small folders
// that are part of this program, each one archive of text files.
package template

import (
	"embed"
	"io/fs"

	"golang.org/x/tools/txtar"
)

//go:embed *.txtar
var archives embed.FS

// Template is one choice.
type Template struct{ ID, Name, Description string }

// Set is all templates.
type Set struct{}

// List gives the choices, the default first.
func (Set) List() []Template {
	return []Template{
		{ID: "blank", Name: "Blank", Description: "An empty folder with a note on where things are."},
		{ID: "go", Name: "Go", Description: "A module with a program and its test."},
		{ID: "node", Name: "Node.js", Description: "A package with a small HTTP server and its test."},
		{ID: "python", Name: "Python", Description: "A program with a test, standard library only."},
		{ID: "git", Name: "Git repository", Description: "A clone of a repository that everybody may read."},
		{ID: "upload", Name: "Archive", Description: "An empty folder for a zip or tar.gz that you upload."},
	}
}

// empty are the templates whose files come from elsewhere.
var empty = map[string]bool{"git": true, "upload": true}

// Seed gives a template's files, nil for none; ok is false for an unknown one.
func (s Set) Seed(id string) (files fs.FS, ok bool) {
	for _, t := range s.List() {
		if t.ID != id {
			continue
		}
		if empty[id] {
			return nil, true
		}
		text, err := archives.ReadFile(id + ".txtar")
		if err != nil {
			return nil, false
		}
		files, err := txtar.FS(txtar.Parse(text))
		return files, err == nil
	}
	return nil, false
}
