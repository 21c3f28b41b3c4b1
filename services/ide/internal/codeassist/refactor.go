package codeassist

import "context"

// RefactorRequest asks for other code in place of a selection.
type RefactorRequest struct {
	Code, Instruction, Language string
	Surroundings                Surroundings
}

// Refactoring is the code that replaces exactly the selection, and why.
type Refactoring struct {
	Code        string `json:"code"`
	Explanation string `json:"explanation"`
	Answer      `json:"-"`
}

// Refactor changes a selection as asked.
func (a Assistant) Refactor(ctx context.Context, r RefactorRequest) (made Refactoring, err error) {
	made.Answer, err = a.structured(ctx, "refactor", struct {
		Surroundings
		Code, Instruction, Language string
	}{r.Surroundings.within(r.Code), r.Code, r.Instruction, r.Language}, &made)
	made.Code = inPlaceOf(r.Code, made.Code)
	return made, err
}
