// Package preference owns what a user wants of VS Code in every workspace. How
// it gets into VS Code is the extension's to know.
package preference
