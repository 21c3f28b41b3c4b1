package codeassist

import (
	"strings"
	"unicode"
)

func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func lastLine(text string) string { return text[strings.LastIndexByte(text, '\n')+1:] }

// indentation is the white space that a line begins with.
func indentation(line string) string {
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// width is how far an indentation reaches; a tab counts as four.
func width(indent string) int { return len(indent) + 3*strings.Count(indent, "\t") }

// inPlaceOf makes code stand exactly where a selection stood: as far in, with
// the line breaks around it and of the kind that the selection has.
func inPlaceOf(selection, code string) string {
	const breaks = "\r\n"
	code = strings.ReplaceAll(withoutFence(code), "\r\n", "\n")
	code = strings.TrimRight(dropBlankStart(code), " \t\n")
	inside := strings.Trim(selection, breaks)
	code = reindent(code, inside)
	if strings.Contains(selection, "\r\n") {
		code = strings.ReplaceAll(code, "\n", "\r\n")
	}
	start := len(selection) - len(strings.TrimLeft(selection, breaks))
	if inside == "" {
		return code
	}
	return selection[:start] + code + selection[start+len(inside):]
}

// dropBlankStart removes blank lines before the first that says something.
func dropBlankStart(code string) string {
	for {
		line, rest, ok := strings.Cut(code, "\n")
		if !ok || strings.TrimSpace(line) != "" {
			return code
		}
		code = rest
	}
}

// reindent moves code as far in as like stands. A selection may begin within a
// line; then its first line says nothing, and the others do.
func reindent(code, like string) string {
	want, midLine := margin(like)
	have, _ := margin(code)
	if midLine {
		first, rest, more := strings.Cut(code, "\n")
		first = strings.TrimLeft(first, " \t")
		if !more {
			return first
		}
		return first + "\n" + shift(rest, margins(rest), want)
	}
	return shift(code, have, want)
}

// margin is the white space that all of a text's lines begin with. midLine says
// that the first line has none because the text begins within it, which the
// line that closes its block further in shows.
func margin(text string) (indent string, midLine bool) {
	first, rest, more := strings.Cut(text, "\n")
	rest = strings.TrimRight(rest, " \t\n")
	if inside := margins(rest); more && indentation(first) == "" && inside != "" {
		last := lastLine(rest)
		if closes(last) && indentation(last) == inside {
			return inside, true
		}
	}
	return margins(text), false
}

// margins is the white space that all lines with something on them share.
func margins(text string) string {
	common, found := "", false
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		indent := indentation(line)
		if !found {
			common, found = indent, true
			continue
		}
		for !strings.HasPrefix(indent, common) {
			common = common[:len(common)-1]
		}
	}
	return common
}

// shift replaces the margin that every line has.
func shift(text, have, want string) string {
	if have == want {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			b.WriteString(want)
			line = strings.TrimPrefix(line, have)
		}
		b.WriteString(line)
	}
	return b.String()
}
