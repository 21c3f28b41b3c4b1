package demo

import (
	"fmt"
	"regexp"
	"strings"

	"atrium.internal/services/ai/internal/generate"
)

// label opens every answer, so that nobody takes it for a model's.
const label = "Demo provider: "

// answer writes the whole answer to a call.
func answer(call generate.Call) string {
	last := call.Messages[len(call.Messages)-1]
	question := generate.JoinText(last.Parts)
	if call.Schema != nil {
		return object(call.Schema, question)
	}
	switch call.Source {
	case generate.SourceComplete:
		return comment(question) + label + "a completion would go here."
	case generate.SourceTitle:
		return beginning(asked(question)) // the person's own words, nobody's thoughts
	case generate.SourceSummary:
		return fmt.Sprintf("%sno model is configured, so nothing is remembered of %d older messages but how the first began: “%s”.",
			label, strings.Count(question, "<message from="), beginning(firstMessage(question)))
	case generate.SourceExplain:
		return explanation(code(question))
	case generate.SourceRefactor:
		return "```\n" + code(question) + "\n```\n\n" + label + "the code is unchanged, because no model is configured."
	case generate.SourceDebug:
		return label + "no model is configured, so nothing looked for the cause of this error."
	}
	if seen := received(last.Parts); seen != "" {
		return label + "no model is configured, so nobody looked at what you sent: " + seen + "."
	}
	switch lower := strings.ToLower(question); {
	case longPattern.MatchString(lower):
		return long()
	case strings.Contains(lower, "code"):
		return label + "no model is configured, but this is how code looks:\n\n```go\nfunc add(a, b int) int {\n\treturn a + b\n}\n```\n"
	}
	return fmt.Sprintf("%sno model is configured, so nobody thought about your message. You wrote %d words, beginning with “%s”. "+
		"Set `ANTHROPIC_API_KEY`, or an OpenAI-compatible endpoint, to get real answers.",
		label, len(strings.Fields(question)), beginning(question))
}

var longPattern = regexp.MustCompile(`\blong\b`)

// long is an answer of several hundred numbered sentences' words, for trying
// what happens while one is being written.
func long() string {
	const sentences = 40
	var b strings.Builder
	b.WriteString(label + "you asked for something long, so here are numbered sentences without a model behind them.\n\n")
	for i := 1; i <= sentences; i++ {
		fmt.Fprintf(&b, "Sentence %d of %d says nothing new, takes its time, and ends here. ", i, sentences)
		if i%8 == 0 {
			b.WriteString("\n\n")
		}
	}
	b.WriteString("That was all.")
	return b.String()
}

func explanation(code string) string {
	lines := strings.Split(strings.TrimSpace(code), "\n")
	return fmt.Sprintf("%sno model is configured, so this explains little. The code has %d lines; the first is `%s`.",
		label, len(lines), beginning(lines[0]))
}

var (
	fenced   = regexp.MustCompile("(?s)```[a-zA-Z0-9+#.-]*\n(.*?)\n?```")
	tagged   = regexp.MustCompile(`(?s)<code[^>]*>\n?(.*?)\n?</code>`)
	hashLang = regexp.MustCompile(`(?i)\b(python|ruby|bash|shell|yaml|toml|perl|dockerfile|makefile)\b`)
)

var asking = regexp.MustCompile(`(?s)<question>\n(.*?)\n</question>`)

// asked finds the question that a title is for.
func asked(prompt string) string {
	if found := asking.FindStringSubmatch(prompt); found != nil {
		return found[1]
	}
	return prompt
}

var saying = regexp.MustCompile(`(?s)<message from="\w+">\n(.*?)\n</message>`)

// firstMessage finds the first of those that a summary is for.
func firstMessage(prompt string) string {
	if found := saying.FindStringSubmatch(prompt); found != nil {
		return found[1]
	}
	return prompt
}

// code finds the code in a prompt: its last fenced or tagged block, or all.
func code(prompt string) string {
	for _, pattern := range []*regexp.Regexp{tagged, fenced} {
		if all := pattern.FindAllStringSubmatch(prompt, -1); len(all) > 0 {
			return all[len(all)-1][1]
		}
	}
	return prompt
}

// comment opens a comment in the language that the prompt speaks of.
func comment(prompt string) string {
	if hashLang.MatchString(prompt) {
		return "# "
	}
	return "// "
}

// beginning is a text's first words, on one line.
func beginning(text string) string {
	const most = 60
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
