package window

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/turn"
)

// maxRounds is how many calls one summary may take: more than one only where a
// conversation goes on with a model that reads much less than the one before.
const maxRounds = 4

// maxSummary bounds, in tokens, what a summary takes in every prompt after it.
const maxSummary = 1536

var (
	errTooMuch = errors.New("too much for a summary")
	errEmpty   = errors.New("the model gave an empty summary")
)

//go:embed prompts/summary.tmpl
var promptFile string

var prompt = template.Must(template.New("summary").Parse(promptFile))

// summarize folds lines into what an earlier summary says, a piece at a time
// where they are more than the model reads at once.
func (p *Packer) summarize(ctx context.Context, pair turn.Pair, size Size, earlier *turn.Summary, lines []turn.Line) (turn.Summary, error) {
	s := turn.Summary{
		Until: lines[len(lines)-1].ID, Messages: len(lines), Answer: pair.Assistant.ID, Model: size.Model, CreatedAt: time.Now(),
	}
	if earlier != nil {
		s.Text, s.Messages = earlier.Text, s.Messages+earlier.Messages
	}
	pieces := divide(transcript(lines, size.Tokens), size.Tokens*6/10)
	if len(pieces) > maxRounds {
		return s, errTooMuch
	}
	for i, piece := range pieces {
		system, text, err := ask(s.Text, piece)
		if err != nil {
			return s, err
		}
		answer, took, err := p.model.Summarize(ctx, Request{
			ID: uuid.NewSHA1(pair.Assistant.ID, fmt.Appendf(nil, "summary %d", i)), Model: pair.Assistant.Model,
			System: system, Text: text, MaxTokens: min(maxSummary, size.Tokens/8),
		})
		if err != nil {
			return s, err
		}
		if s.Text = strings.TrimSpace(strings.ReplaceAll(answer, "\x00", "")); s.Text == "" {
			return s, errEmpty
		}
		s.Usage.InputTokens += took.InputTokens
		s.Usage.OutputTokens += took.OutputTokens
		s.Usage.CostMicroUSD += took.CostMicroUSD
	}
	return s, nil
}

// ask fills the prompt's file.
func ask(earlier string, messages []string) (system, user string, err error) {
	var halves [2]strings.Builder
	data := struct {
		Earlier  string
		Messages []string
	}{earlier, messages}
	for i, half := range []string{"system", "user"} {
		if err := prompt.ExecuteTemplate(&halves[i], "summary."+half, data); err != nil {
			return "", "", fmt.Errorf("prompt of a summary: %w", err)
		}
	}
	return halves[0].String(), halves[1].String(), nil
}

// framed puts a summary before a question.
func framed(summary, question string) string {
	var b strings.Builder
	if err := prompt.ExecuteTemplate(&b, "summary.given", summary); err != nil {
		panic(err) // the file is compiled in, and takes any text
	}
	return b.String() + question
}

// transcript gives each line as the one who summarises reads it. A message
// longer than a quarter of the window has its middle left out.
func transcript(lines []turn.Line, window int) []string {
	texts := make([]string, len(lines))
	for i, l := range lines {
		var b strings.Builder
		fmt.Fprintf(&b, "<message from=%q>\n", l.Role)
		for _, f := range l.Files {
			if f.Kind != attachment.Image && f.Content != nil {
				fmt.Fprintf(&b, "[attached file %q]\n%s\n[end of file]\n", f.Name, f.Content)
			} else {
				fmt.Fprintf(&b, "[attached: %q]\n", f.Name)
			}
		}
		b.WriteString(l.Content)
		texts[i] = shortened(b.String(), window) + "\n</message>"
	}
	return texts
}

// shortened leaves the middle out of a text that takes more than a quarter of a
// window. Its bytes are counted as tokens, of which a character may have one to
// each: that is never too little.
func shortened(text string, window int) string {
	if tokensOf(text) <= window/4 {
		return text
	}
	half := window / 8
	head, tail := text[:half], text[len(text)-half:]
	for !utf8.RuneStart(text[len(head)]) {
		head = head[:len(head)-1]
	}
	for len(tail) > 0 && !utf8.RuneStart(tail[0]) {
		tail = tail[1:]
	}
	return fmt.Sprintf("%s\n[… %d bytes left out …]\n%s", head, len(text)-len(head)-len(tail), tail)
}

// divide puts texts together in order, to pieces of at most so many tokens.
func divide(texts []string, most int) [][]string {
	var pieces [][]string
	size := 0
	for _, text := range texts {
		tokens := tokensOf(text)
		if len(pieces) == 0 || size+tokens > most {
			pieces, size = append(pieces, nil), 0
		}
		pieces[len(pieces)-1] = append(pieces[len(pieces)-1], text)
		size += tokens
	}
	return pieces
}
