package codeassist_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ide/internal/codeassist"
)

func TestMain(m *testing.M) { leak.Main(m) }

var update = flag.Bool("update", false, "write the golden files anew")

// model gives its answers in their order, the last again and again, and
// remembers the prompts.
type model struct {
	answer  string
	then    []string
	cut     bool
	prompt  codeassist.Prompt
	prompts []codeassist.Prompt
}

func (m *model) Generate(_ context.Context, p codeassist.Prompt, each func(string) error) (codeassist.Answer, error) {
	m.prompt, m.prompts = p, append(m.prompts, p)
	answer := m.answer
	if len(m.then) > 0 {
		m.answer, m.then = m.then[0], m.then[1:]
	}
	return codeassist.Answer{RequestID: "id", Cut: m.cut}, each(answer)
}

var around = codeassist.Surroundings{
	FilePath: "shop/cart.py",
	Snippets: []codeassist.Snippet{{FilePath: "shop/price.py", Content: "def price(item): ..."}},
	Before:   "import price\n", After: "# end\n",
}

// TestPrompts compares whole prompts with golden files, so that a change of a
// prompt is seen as what it is.
func TestPrompts(t *testing.T) {
	for name, c := range map[string]struct {
		ask    func(codeassist.Assistant) error
		answer string
	}{
		"complete": {func(a codeassist.Assistant) error {
			cursor, err := codeassist.Position(1, 11)
			require.NoError(t, err)
			_, err = a.Complete(t.Context(), codeassist.CompleteRequest{
				Code: "def total(items):\n    return \n\nprint(total([]))\n", Cursor: cursor, Language: "python", Surroundings: around,
			})
			return err
		}, ""},
		"explain": {func(a codeassist.Assistant) error {
			_, err := a.Explain(t.Context(), codeassist.ExplainRequest{Code: "x & (x - 1)", Surroundings: around}, func(string) error { return nil })
			return err
		}, ""},
		"debug": {func(a codeassist.Assistant) error {
			_, err := a.Debug(t.Context(), codeassist.DebugRequest{Error: "NameError: name 'itms'", Code: "sum(itms)", Language: "python", Surroundings: around})
			return err
		}, `{"cause":"","explanation":"","fixedCode":"","confidence":1}`},
		"refactor": {func(a codeassist.Assistant) error {
			_, err := a.Refactor(t.Context(), codeassist.RefactorRequest{Code: "for i in x:\n    y.append(i)\n", Instruction: "use a comprehension", Language: "python"})
			return err
		}, `{"code":"","explanation":""}`},
		"tests": {func(a codeassist.Assistant) error {
			_, err := a.Tests(t.Context(), codeassist.WriteRequest{Code: "def one(): return 1", Language: "python", Surroundings: around})
			return err
		}, `{"code":"","filePath":"","explanation":""}`},
		"docs": {func(a codeassist.Assistant) error {
			_, err := a.Docs(t.Context(), codeassist.WriteRequest{Code: "def one(): return 1", Language: "python", Surroundings: around})
			return err
		}, `{"code":""}`},
		"commit": {func(a codeassist.Assistant) error {
			_, err := a.CommitMessage(t.Context(), codeassist.CommitRequest{Diff: "-a\n+b\n", Recent: []string{"area: what\n", "area: more"}})
			return err
		}, `{"message":""}`},
	} {
		t.Run(name, func(t *testing.T) {
			m := &model{answer: c.answer}
			require.NoError(t, c.ask(codeassist.Assistant{Model: m}))
			require.Len(t, m.prompts, 1)
			require.Equal(t, "ide."+name, m.prompt.Source)
			require.Equal(t, name == "complete" || name == "explain", m.prompt.Repeatable)
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
			_, err = codeassist.Assistant{Model: m}.Complete(t.Context(), codeassist.CompleteRequest{Code: code, Cursor: cursor})
			require.NoError(t, err)
			require.Contains(t, m.prompt.User, "<code>\n"+c.before+"<|cursor|>")
		})
	}
}

func FuzzComplete(f *testing.F) {
	f.Add("a😀b\nc", 2.0, 1.0, "text", true)
	f.Add("f(\n)", 0.0, 2.0, "{[(\n\n}", false)
	f.Fuzz(func(t *testing.T, code string, line, character float64, answer string, cut bool) {
		cursor, err := codeassist.Position(line, character)
		if err != nil {
			return
		}
		_, _ = codeassist.Assistant{Model: &model{answer: answer, cut: cut}}.Complete(t.Context(), codeassist.CompleteRequest{Code: code, Cursor: cursor})
	})
}
