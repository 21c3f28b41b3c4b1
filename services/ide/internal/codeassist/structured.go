package codeassist

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"atrium.internal/pkg/apperr"
)

// codeTokens bounds an answer that holds code.
const codeTokens = 8192

var (
	// errAnswer is for an answer that is not of the form asked for, twice.
	errAnswer = apperr.New(apperr.Unavailable, "AI_ANSWER_UNUSABLE",
		"The model's answer could not be used. Try again, or with a smaller piece of code.")
	// errLong is for an answer that was cut, which no second try mends.
	errLong = apperr.New(apperr.Unavailable, "AI_ANSWER_TOO_LONG",
		"The model's answer was longer than an answer may be. Try a smaller piece of code.")
)

// structured asks the question of a prompt file for one JSON value of the
// schema beside it, and once more with what was wrong when it is none.
func (a Assistant) structured(ctx context.Context, name string, data, into any) (Answer, error) {
	system, user, err := render(name, data)
	if err != nil {
		return Answer{}, err
	}
	form := forms[name]
	p := Prompt{Source: "ide." + name, System: system, User: user, MaxTokens: codeTokens, Schema: form.text, Exact: true}
	text, answer, err := a.whole(ctx, p)
	if err != nil {
		return answer, err
	}
	wrong := form.read(text, into)
	if wrong == nil {
		return answer, nil
	}
	if answer.Cut {
		return answer, errLong.WithCause(fmt.Errorf("%s: %w", p.Source, wrong))
	}
	if _, p.User, err = render("repair", struct{ Question, Answer, Wrong string }{user, text, wrong.Error()}); err != nil {
		return answer, err
	}
	if text, answer, err = a.whole(ctx, p); err != nil {
		return answer, err
	}
	if wrong = form.read(text, into); wrong != nil {
		return answer, errAnswer.WithCause(fmt.Errorf("%s: %w", p.Source, wrong))
	}
	return answer, nil
}

// form is the shape of an answer.
type form struct {
	text   string
	schema *jsonschema.Schema
}

// forms are the schema files beside the prompts, by the prompt's name.
var forms = mustForms("debug", "refactor", "tests", "docs", "commit")

func mustForms(names ...string) map[string]form {
	all := map[string]form{}
	for _, name := range names {
		text, err := promptFiles.ReadFile("prompts/" + name + ".schema.json")
		if err != nil {
			panic(err) // only for a file that is not embedded
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err != nil {
			panic(err)
		}
		compiler := jsonschema.NewCompiler()
		if err := compiler.AddResource(name, value); err != nil {
			panic(err)
		}
		all[name] = form{text: string(text), schema: compiler.MustCompile(name)}
	}
	return all
}

// read takes the JSON value out of an answer, also from a fence or from among
// words, and holds it to the schema. Its error says what is wrong without
// quoting the answer.
func (f form) read(answer string, into any) error {
	begin, end := strings.IndexByte(answer, '{'), strings.LastIndexByte(answer, '}')
	if begin < 0 || end < begin {
		return errors.New("it holds no JSON object")
	}
	answer = answer[begin : end+1]
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(answer))
	if err != nil {
		return errors.New("it is not valid JSON")
	}
	if err := f.schema.Validate(value); err != nil {
		return fmt.Errorf("it does not fit the schema: %w", faults(err))
	}
	return json.Unmarshal([]byte(answer), into)
}

// faults lists what a schema has against a value, by place and kind.
func faults(err error) error {
	var all *jsonschema.ValidationError
	if !errors.As(err, &all) {
		return err
	}
	var texts []string
	for _, leaf := range leaves(all) {
		at := "/" + strings.Join(leaf.InstanceLocation, "/")
		texts = append(texts, at+": "+strings.Join(leaf.ErrorKind.KeywordPath(), "/"))
	}
	return errors.New(strings.Join(texts, "; "))
}

func leaves(e *jsonschema.ValidationError) (all []*jsonschema.ValidationError) {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}
