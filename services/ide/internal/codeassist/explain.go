package codeassist

import "context"

// explainTokens bounds an explanation.
const explainTokens = 2048

// ExplainRequest asks what code does.
type ExplainRequest struct {
	Code, Language string
	Surroundings   Surroundings
}

// Explain hands the explanation to each, as it is written.
func (a Assistant) Explain(ctx context.Context, r ExplainRequest, each func(text string) error) (Answer, error) {
	system, user, err := render("explain", struct {
		Surroundings
		Code, Language string
	}{r.Surroundings.within(r.Code), r.Code, r.Language})
	if err != nil {
		return Answer{}, err
	}
	return a.Model.Generate(ctx, Prompt{
		Source: "ide.explain", System: system, User: user, MaxTokens: explainTokens, Exact: true, Repeatable: true,
	}, each)
}
