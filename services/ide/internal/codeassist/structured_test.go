package codeassist_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ide/internal/codeassist"
)

const good = `{"cause":"c","explanation":"e","fixedCode":"f","confidence":0.5}`

func debug(t *testing.T, m *model) (codeassist.Suggestion, error) {
	t.Helper()
	return codeassist.Assistant{Model: m}.Debug(t.Context(), codeassist.DebugRequest{Error: "e", Code: "c"})
}

func TestAnswersAreReadFromWhatIsAroundThem(t *testing.T) {
	for name, answer := range map[string]string{
		"plain": good, "fenced": "```json\n" + good + "\n```", "among words": "Here you are:\n" + good + "\nGood luck!",
	} {
		m := &model{answer: answer}
		s, err := debug(t, m)
		require.NoError(t, err, name)
		require.Equal(t, "f", s.FixedCode, name)
		require.Len(t, m.prompts, 1, name)
	}
}

func TestAnAnswerOfAnotherFormIsAskedForOnceMore(t *testing.T) {
	for name, c := range map[string]struct{ answer, wrong string }{
		"no JSON":       {"I think so.", "it holds no JSON object"},
		"half of it":    {`{"cause": {}`, "it is not valid JSON"},
		"a field less":  {`{"cause":"c","explanation":"e","confidence":0.5}`, "required"},
		"another type":  {`{"cause":"c","explanation":"e","fixedCode":"f","confidence":"high"}`, "/confidence: type"},
		"one of no use": {`{"cause":"c","explanation":"e","fixedCode":"f","confidence":1,"x":1}`, "additionalProperties"},
	} {
		t.Run(name, func(t *testing.T) {
			m := &model{answer: c.answer, then: []string{good}}
			s, err := debug(t, m)
			require.NoError(t, err)
			require.Equal(t, "f", s.FixedCode)
			require.Len(t, m.prompts, 2)
			require.Contains(t, m.prompt.User, c.wrong)
			require.Contains(t, m.prompt.User, c.answer)
			require.Contains(t, m.prompt.User, m.prompts[0].User)
			require.Equal(t, m.prompts[0].System, m.prompt.System)

			m = &model{answer: c.answer}
			_, err = debug(t, m)
			requireReason(t, err, "AI_ANSWER_UNUSABLE")
			require.Len(t, m.prompts, 2, "not for ever")
		})
	}
}

func TestAnAnswerThatIsCutIsSaidSo(t *testing.T) {
	m := &model{answer: `{"cause":"it was too lo`, cut: true}
	_, err := debug(t, m)
	requireReason(t, err, "AI_ANSWER_TOO_LONG")
	require.Len(t, m.prompts, 1, "asking again would not help")
}

func requireReason(t *testing.T, err error, reason string) {
	t.Helper()
	var own *apperr.Error
	require.ErrorAs(t, err, &own)
	require.Equal(t, reason, own.Reason)
}

func TestRefactoringReplacesExactlyTheSelection(t *testing.T) {
	for name, c := range map[string]struct{ selection, answer, want string }{
		"line break kept":        {"a\n", "b", "b\n"},
		"none added":             {"a", "b\n", "b"},
		"windows line breaks":    {"a\r\nb\r\n", "c\nd", "c\r\nd\r\n"},
		"line breaks around":     {"\n\na\n\n", "b", "\n\nb\n\n"},
		"fence inside the value": {"a\n", "```go\nb\n```", "b\n"},
		"moved in":               {"    if a:\n        b()\n", "if a:\n    c()", "    if a:\n        c()\n"},
		"moved out":              {"a\nb\n", "    c\n    d\n", "c\nd\n"},
		"with tabs":              {"\t\tif a {\n\t\t\tb()\n\t\t}\n", "if a {\n\tc()\n}\n", "\t\tif a {\n\t\t\tc()\n\t\t}\n"},
		"indentation as it was":  {"    a\n", "    b\n", "    b\n"},
		"empty lines stay empty": {"    a\n", "b\n\nc", "    b\n\n    c\n"},
		"begun within a line":    {"if a {\n\t\tb()\n\t}", "if a {\n\tc()\n}", "if a {\n\t\tc()\n\t}"},
		"begun within, kept":     {"if a {\n\t\tb()\n\t}", "if a {\n\t\tc()\n\t}", "if a {\n\t\tc()\n\t}"},
		"a function and another": {"def f():\n    return 1", "def f():\n    return 1\n\ndef g():\n    return 2", "def f():\n    return 1\n\ndef g():\n    return 2"},
		"blank lines before":     {"    a\n", "\n\n    b\n", "    b\n"},
		"nothing":                {"a\n", "", "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := codeassist.Assistant{Model: &model{answer: `{"code":` + quoted(t, c.answer) + `,"explanation":""}`}}.Refactor(t.Context(),
				codeassist.RefactorRequest{Code: c.selection, Instruction: "x"})
			require.NoError(t, err)
			require.Equal(t, c.want, made.Code)
		})
	}
}

func TestTestsStayInTheProject(t *testing.T) {
	for given, want := range map[string]string{
		"a/b_test.go": "a/b_test.go", "./a.py": "a.py", `a\b.cs`: "a/b.cs", "": "", ".": "",
		"/etc/passwd": "", "../../x": "", "a/../../x": "", "C:/x": "",
	} {
		made, err := codeassist.Assistant{Model: &model{answer: `{"code":"x","filePath":` + quoted(t, given) + `,"explanation":""}`}}.Tests(t.Context(),
			codeassist.WriteRequest{Code: "c"})
		require.NoError(t, err)
		require.Equal(t, want, made.FilePath, given)
		require.Equal(t, "x\n", made.Code)
	}
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	out, err := json.Marshal(text)
	require.NoError(t, err)
	return string(out)
}
