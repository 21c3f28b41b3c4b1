package codeassist_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ide/internal/codeassist"
)

func TestMain(m *testing.M) { leak.Main(m) }

var update = flag.Bool("update", false, "write the golden files anew")

// model answers with one text and remembers the prompt.
type model struct {
	answer string
	prompt codeassist.Prompt
}

func (m *model) Generate(_ context.Context, p codeassist.Prompt, each func(string) error) (string, error) {
	m.prompt = p
	return "id", each(m.answer)
}

var around = codeassist.Surroundings{
	FilePath: "shop/cart.py",
	Snippets: []codeassist.Snippet{{FilePath: "shop/price.py", Content: "def price(item): ..."}},
}

// TestPrompts compares whole prompts with golden files, so that a change of a
// prompt is seen as what it is.
func TestPrompts(t *testing.T) {
	for name, ask := range map[string]func(codeassist.Assistant) error{
		"complete": func(a codeassist.Assistant) error {
			cursor, err := codeassist.Position(1, 11)
			require.NoError(t, err)
			_, _, err = a.Complete(t.Context(), codeassist.CompleteRequest{
				Code: "def total(items):\n    return \n\nprint(total([]))\n", Cursor: cursor, Language: "python", Surroundings: around,
			})
			return err
		},
		"explain": func(a codeassist.Assistant) error {
			return a.Explain(t.Context(), codeassist.ExplainRequest{Code: "x & (x - 1)"}, func(string) error { return nil })
		},
		"debug": func(a codeassist.Assistant) error {
			_, err := a.Debug(t.Context(), codeassist.DebugRequest{Error: "NameError: name 'itms'", Code: "sum(itms)", Surroundings: around})
			return err
		},
		"refactor": func(a codeassist.Assistant) error {
			_, err := a.Refactor(t.Context(), codeassist.RefactorRequest{Code: "for i in x:\n    y.append(i)\n", Instruction: "use a comprehension", Language: "python"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := &model{answer: "{}"}
			require.NoError(t, ask(codeassist.Assistant{Model: m}))
			require.Equal(t, "ide."+name, m.prompt.Source)
			golden(t, name, "--- system\n"+m.prompt.System+"\n--- user\n"+m.prompt.User+"\n--- schema\n"+m.prompt.Schema)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

func TestCompletionsFit(t *testing.T) {
	for name, c := range map[string]struct{ code, answer, want string }{
		"plain":                      {"x = |", "1 + 2", "1 + 2"},
		"fenced":                     {"x = |", "```python\n1 + 2\n```", "1 + 2"},
		"fence with nothing":         {"x = |", "```", ""},
		"repeats the line":           {"    return |", "    return n + 1", "n + 1"},
		"repeats the suffix":         {"f(|)\ng()", "a, b)\ng()", "a, b"},
		"repeats part of the suffix": {"f(|)\ng()", "a, b)", "a, b"},
		"suffix after white space":   {"if x:\n    |\n\nelse:\n    y()", "pass\n\nelse:\n    y()", "pass"},
		"only the suffix":            {"f(|)", ")", ""},
		"trailing white space":       {"x = |", "1\n\n  ", "1"},
		"many lines":                 {"def f():\n    |", "a()\n    b()\n", "a()\n    b()"},
		"keeps indentation":          {"def f():|", "\n    return 1", "\n    return 1"},
		"nothing":                    {"x|", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			before, after, _ := strings.Cut(c.code, "|")
			cursor, err := codeassist.Offset(float64(len(before)))
			require.NoError(t, err)
			got, id, err := codeassist.Assistant{Model: &model{answer: c.answer}}.Complete(t.Context(),
				codeassist.CompleteRequest{Code: before + after, Cursor: cursor})
			require.NoError(t, err)
			require.Equal(t, c.want, got)
			require.Equal(t, "id", id)
		})
	}
}

func TestCursorsCountUTF16(t *testing.T) {
	const code = "a😀b\r\nzweite Zeile\n"
	for name, c := range map[string]struct {
		at     func() (codeassist.Cursor, error)
		before string
	}{
		"offset after a pair":       {func() (codeassist.Cursor, error) { return codeassist.Offset(3) }, "a😀"},
		"start":                     {func() (codeassist.Cursor, error) { return codeassist.Offset(0) }, ""},
		"end":                       {func() (codeassist.Cursor, error) { return codeassist.Offset(19) }, code},
		"line and character":        {func() (codeassist.Cursor, error) { return codeassist.Position(1, 6) }, "a😀b\r\nzweite"},
		"end of a line":             {func() (codeassist.Cursor, error) { return codeassist.Position(0, 4) }, "a😀b"},
		"the empty line at the end": {func() (codeassist.Cursor, error) { return codeassist.Position(2, 0) }, code},
	} {
		t.Run(name, func(t *testing.T) {
			cursor, err := c.at()
			require.NoError(t, err)
			m := &model{}
			_, _, err = codeassist.Assistant{Model: m}.Complete(t.Context(), codeassist.CompleteRequest{Code: code, Cursor: cursor})
			require.NoError(t, err)
			require.Contains(t, m.prompt.User, "<code>\n"+c.before+"<cursor/>")
		})
	}
}

func TestLongFilesAreCutAtLines(t *testing.T) {
	line := strings.Repeat("x", 99) + "\n"
	code := strings.Repeat(line, 1000)
	cursor, err := codeassist.Position(500, 0)
	require.NoError(t, err)
	m := &model{}
	_, _, err = codeassist.Assistant{Model: m}.Complete(t.Context(), codeassist.CompleteRequest{Code: code, Cursor: cursor})
	require.NoError(t, err)
	require.Less(t, len(m.prompt.User), 17_000)
	_, inside, _ := strings.Cut(m.prompt.User, "<code>\n")
	require.True(t, strings.HasPrefix(inside, line))
}

func TestRefactoringReplacesExactlyTheSelection(t *testing.T) {
	for name, c := range map[string]struct{ selection, answer, want string }{
		"line break kept":        {"a\n", `{"code":"b"}`, "b\n"},
		"none added":             {"a", `{"code":"b\n"}`, "b"},
		"windows line break":     {"a\r\n", `{"code":"b\n"}`, "b\r\n"},
		"fence inside the value": {"a\n", "{\"code\":\"```go\\nb\\n```\"}", "b\n"},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := codeassist.Assistant{Model: &model{answer: c.answer}}.Refactor(t.Context(),
				codeassist.RefactorRequest{Code: c.selection, Instruction: "x"})
			require.NoError(t, err)
			require.Equal(t, c.want, made.Code)
		})
	}
}

func TestAnAnswerThatIsCutIsSaidSo(t *testing.T) {
	_, err := codeassist.Assistant{Model: &model{answer: `{"cause":"it was too lo`}}.Debug(t.Context(), codeassist.DebugRequest{Error: "e", Code: "c"})
	var own *apperr.Error
	require.ErrorAs(t, err, &own)
	require.Equal(t, "AI_ANSWER_UNUSABLE", own.Reason)
}

func FuzzComplete(f *testing.F) {
	f.Add("a😀b\nc", 2.0, 1.0, "text")
	f.Fuzz(func(t *testing.T, code string, line, character float64, answer string) {
		cursor, err := codeassist.Position(line, character)
		if err != nil {
			return
		}
		_, _, _ = codeassist.Assistant{Model: &model{answer: answer}}.Complete(t.Context(), codeassist.CompleteRequest{Code: code, Cursor: cursor})
	})
}
