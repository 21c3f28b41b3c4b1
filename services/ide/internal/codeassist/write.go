package codeassist

import (
	"context"
	"path"
	"strings"
)

// WriteRequest asks for something to be written about code.
type WriteRequest struct {
	Code, Language string
	Surroundings   Surroundings
}

type writeData struct {
	Surroundings
	Code, Language string
}

func (r WriteRequest) data() writeData {
	return writeData{r.Surroundings.within(r.Code), r.Code, r.Language}
}

// Tests are tests for a piece of code.
type Tests struct {
	Code string `json:"code"`
	// FilePath is where they would stand; empty when the model had no good idea.
	FilePath    string `json:"filePath"`
	Explanation string `json:"explanation"`
	Answer      `json:"-"`
}

// Tests writes tests for code.
func (a Assistant) Tests(ctx context.Context, r WriteRequest) (made Tests, err error) {
	made.Answer, err = a.structured(ctx, "tests", r.data(), &made)
	made.Code = strings.TrimRight(withoutFence(made.Code), " \t\r\n") + "\n"
	made.FilePath = inside(made.FilePath)
	return made, err
}

// inside gives a relative path that stays within its folder, or nothing.
func inside(file string) string {
	file = path.Clean(strings.ReplaceAll(strings.TrimSpace(file), `\`, "/"))
	if file == "." || path.IsAbs(file) || file == ".." || strings.HasPrefix(file, "../") || strings.ContainsAny(file, ":\x00\r\n") {
		return ""
	}
	return file
}

// Docs is a piece of code with its documentation comments, which replaces
// exactly the code without.
type Docs struct {
	Code   string `json:"code"`
	Answer `json:"-"`
}

// Docs writes documentation comments into code.
func (a Assistant) Docs(ctx context.Context, r WriteRequest) (made Docs, err error) {
	made.Answer, err = a.structured(ctx, "docs", r.data(), &made)
	made.Code = inPlaceOf(r.Code, made.Code)
	return made, err
}
