package codeassist_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/codeassist"
)

// completed asks for a completion where code has its last bar.
func completed(t *testing.T, m *model, code string) string {
	t.Helper()
	bar := strings.LastIndexByte(code, '|')
	before, after := code[:bar], code[bar+1:]
	cursor, err := codeassist.Offset(float64(len(before)))
	require.NoError(t, err)
	made, err := codeassist.Assistant{Model: m}.Complete(t.Context(), codeassist.CompleteRequest{Code: before + after, Cursor: cursor})
	require.NoError(t, err)
	require.Equal(t, "id", made.RequestID)
	return made.Text
}

func TestCompletionsFit(t *testing.T) {
	for name, c := range map[string]struct{ code, answer, want string }{
		"plain":                      {"x = |", "1 + 2", "1 + 2"},
		"fenced":                     {"x = |", "```python\n1 + 2\n```", "1 + 2"},
		"fence with nothing":         {"x = |", "```", ""},
		"repeats the line":           {"    return |", "    return n + 1", "n + 1"},
		"repeats it without indent":  {"    return |", "return n + 1", "n + 1"},
		"repeats several lines":      {"def f(n):\n    x = n\n    |", "def f(n):\n    x = n\n    return x", "return x"},
		"repeats the indentation":    {"def f(n):\n    |", "    return n", "return n"},
		"repeats the suffix":         {"f(|)\ng()", "a, b)\ng()", "a, b"},
		"repeats part of the suffix": {"f(|)\ng()", "a, b)", "a, b"},
		"suffix after white space":   {"if x:\n    |\n\nelse:\n    y()", "pass\n\nelse:\n    y()", "pass"},
		"only the suffix":            {"f(|)", ")", ""},
		"a bracket of its own":       {"f(|)", "g(a)", "g(a)"},
		"a block of its own":         {"func f() {\n\tif a |\n}", "{\n\t\tb()\n\t}", "{\n\t\tb()\n\t}"},
		"looks like the next line":   {"x = |\nelse_ = 1", "value", "value"},
		"ends as the next line":      {"x = |\nb = 3", "a + b", "a + b"},
		"trailing white space":       {"x = |", "1\n\n  ", "1"},
		"many lines":                 {"def f():\n    |", "a()\n    b()\n", "a()\n    b()"},
		"keeps indentation":          {"def f():|", "\n    return 1", "\n    return 1"},
		"nothing":                    {"x|", "", ""},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, completed(t, &model{answer: c.answer}, c.code)) })
	}
}

func TestCompletionsStopWhereAThoughtEnds(t *testing.T) {
	for name, c := range map[string]struct {
		code, answer string
		cut          bool
		want         string
	}{
		"with the block":       {"def f():\n    |", "a()\n    b()\n\ndef g():\n    c()", false, "a()\n    b()"},
		"what closes it":       {"func f() {\n\t|", "a()\n}\n\nfunc g() {\n}", false, "a()\n}"},
		"a new paragraph":      {"def f():|", "\n    a()\n\ndef g():\n    b()", false, "\n    a()"},
		"not inside a bracket": {"x = |", "[\n1,\n\n2,\n]", false, "[\n1,\n\n2,\n]"},
		"else goes on":         {"if a:\n    |", "b()\nelse:\n    c()", false, "b()"},
		"cut: a whole line":    {"|", "a()\nb()\nc(", true, "a()\nb()"},
		"cut: balanced":        {"|", "a()\nif b {\n\tc()\n\td", true, "a()"},
		"cut: open all along":  {"|", "if b {\n\tc()\n\td", true, "if b {\n\tc()"},
		"cut: one line":        {"x = |", "alpha + bet", true, "alpha +"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, completed(t, &model{answer: c.answer, cut: c.cut}, c.code))
		})
	}
}

func TestTheMarkIsNowhereInTheCode(t *testing.T) {
	m := &model{}
	completed(t, m, "a = '<|cursor|>' # <|cursor-2|>\nb = |")
	require.Equal(t, []string{"<|cursor-3|>"}, m.prompt.Stop)
	require.Contains(t, m.prompt.User, "\nb = <|cursor-3|>")
}

func TestLongFilesAreCutAtLines(t *testing.T) {
	line := strings.Repeat("x", 99) + "\n"
	m := &model{}
	completed(t, m, strings.Repeat(line, 500)+"|"+strings.Repeat(line, 500))
	require.Less(t, len(m.prompt.User), 13_000)
	require.Greater(t, len(m.prompt.User), 10_000, "the room is used")
	_, inside, _ := strings.Cut(m.prompt.User, "<code>\n")
	require.True(t, strings.HasPrefix(inside, line))
}

func TestRelatedFilesGoIntoTheBudgetBestFirst(t *testing.T) {
	snippets := []codeassist.Snippet{{FilePath: "docs/notes.md", Content: strings.Repeat("words about nothing at all\n", 4000)}}
	for i := range 20 {
		snippets = append(snippets, codeassist.Snippet{FilePath: fmt.Sprintf("other/file%d.go", i), Content: strings.Repeat("unrelated thing\n", 400)})
	}
	related := strings.Repeat("filler line\n", 2000) + "func computeInvoiceTotal(customer Customer) Money {\n" + strings.Repeat("filler line\n", 2000)
	snippets = append(snippets, codeassist.Snippet{FilePath: "shop/invoice.go", Content: related})
	m := &model{}
	cursor, err := codeassist.Offset(40)
	require.NoError(t, err)
	_, err = codeassist.Assistant{Model: m}.Complete(t.Context(), codeassist.CompleteRequest{
		Code: "total := computeInvoiceTotal(customer) //", Cursor: cursor,
		Surroundings: codeassist.Surroundings{FilePath: "shop/report.go", Snippets: snippets},
	})
	require.NoError(t, err)
	require.Less(t, len(m.prompt.User), 13_000)
	_, files, _ := strings.Cut(m.prompt.User, "<related")
	first, _, _ := strings.Cut(files, "</related>")
	require.Contains(t, first, `"shop/invoice.go"`)
	require.Contains(t, first, "func computeInvoiceTotal", "the best part of it")
}
