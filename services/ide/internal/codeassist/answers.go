package codeassist

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"atrium.internal/pkg/apperr"
)

// Bounds of answers, in tokens.
const (
	explainTokens = 2048
	codeTokens    = 8192
)

var (
	//go:embed prompts/debug.schema.json
	debugSchema string
	//go:embed prompts/refactor.schema.json
	refactorSchema string
)

// errAnswer is for an answer that is not of the form asked for, most likely
// because it was longer than the bound.
var errAnswer = apperr.New(apperr.Unavailable, "AI_ANSWER_UNUSABLE",
	"The model's answer could not be used. Try again, or with a smaller piece of code.")

// ExplainRequest asks what code does.
type ExplainRequest struct{ Code, Language string }

// Explain hands the explanation to each, as it is written.
func (a Assistant) Explain(ctx context.Context, r ExplainRequest, each func(text string) error) error {
	system, user, err := render("explain", r)
	if err != nil {
		return err
	}
	_, err = a.Model.Generate(ctx, Prompt{Source: "ide.explain", System: system, User: user, MaxTokens: explainTokens}, each)
	return err
}

// DebugRequest asks for the cause of an error.
type DebugRequest struct {
	Error, Code  string
	Surroundings Surroundings
}

// Suggestion is what is wrong and how to mend it.
type Suggestion struct {
	Cause       string `json:"cause"`
	Explanation string `json:"explanation"`
	FixedCode   string `json:"fixedCode"`
	// Confidence is from 0 to 1.
	Confidence float64 `json:"confidence"`
}

// Debug gives the likely cause of an error and the code without it.
func (a Assistant) Debug(ctx context.Context, r DebugRequest) (Suggestion, error) {
	system, user, err := render("debug", struct {
		Surroundings
		Error, Code string
	}{r.Surroundings, r.Error, r.Code})
	if err != nil {
		return Suggestion{}, err
	}
	var s Suggestion
	err = a.structured(ctx, Prompt{
		Source: "ide.debug", System: system, User: user, MaxTokens: codeTokens, Schema: debugSchema, Exact: true,
	}, &s)
	s.Confidence = min(max(s.Confidence, 0), 1)
	return s, err
}

// RefactorRequest asks for other code in place of a selection.
type RefactorRequest struct{ Code, Instruction, Language string }

// Refactoring is the code that replaces the selection, and why.
type Refactoring struct {
	Code        string `json:"code"`
	Explanation string `json:"explanation"`
}

// Refactor gives code that replaces exactly the selection: it ends in a line
// break just when the selection does.
func (a Assistant) Refactor(ctx context.Context, r RefactorRequest) (Refactoring, error) {
	system, user, err := render("refactor", r)
	if err != nil {
		return Refactoring{}, err
	}
	var made Refactoring
	err = a.structured(ctx, Prompt{
		Source: "ide.refactor", System: system, User: user, MaxTokens: codeTokens, Schema: refactorSchema, Exact: true,
	}, &made)
	if err != nil {
		return Refactoring{}, err
	}
	made.Code = strings.TrimRight(withoutFence(made.Code), "\r\n") + r.Code[len(strings.TrimRight(r.Code, "\r\n")):]
	return made, nil
}

// structured asks for one JSON value.
func (a Assistant) structured(ctx context.Context, p Prompt, into any) error {
	answer, _, err := a.whole(ctx, p)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(answer), into); err != nil {
		return errAnswer.WithCause(fmt.Errorf("%s: %w", p.Source, err))
	}
	return nil
}
