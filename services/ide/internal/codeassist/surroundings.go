package codeassist

// Snippet is a piece of another file.
type Snippet struct{ FilePath, Content string }

// Surroundings are what the editor knows around the code.
type Surroundings struct {
	FilePath string
	// Snippets are of other files, the likeliest first.
	Snippets []Snippet
	// Before and After are the code's own file around it.
	Before, After string
}

// around bounds what a question about a piece of code is told of its
// surroundings, in tokens.
const (
	aroundBefore   = 1500
	aroundAfter    = 700
	aroundSnippets = 4000
)

// within gives what of the surroundings goes with code into a prompt.
func (s Surroundings) within(code string) Surroundings {
	return Surroundings{
		FilePath: s.FilePath,
		Before:   tail(s.Before, aroundBefore), After: head(s.After, aroundAfter),
		Snippets: related(code, s, aroundSnippets),
	}
}
