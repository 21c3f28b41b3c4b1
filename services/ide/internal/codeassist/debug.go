package codeassist

import "context"

// DebugRequest asks for the cause of an error.
type DebugRequest struct {
	Error, Code, Language string
	Surroundings          Surroundings
}

// Suggestion is what is wrong and how to mend it.
type Suggestion struct {
	Cause       string `json:"cause"`
	Explanation string `json:"explanation"`
	// FixedCode replaces exactly the code asked about.
	FixedCode string `json:"fixedCode"`
	// Confidence is from 0 to 1.
	Confidence float64 `json:"confidence"`
	Answer     `json:"-"`
}

// Debug gives the likely cause of an error and the code without it.
func (a Assistant) Debug(ctx context.Context, r DebugRequest) (s Suggestion, err error) {
	s.Answer, err = a.structured(ctx, "debug", struct {
		Surroundings
		Error, Code, Language string
	}{r.Surroundings.within(r.Code), r.Error, r.Code, r.Language}, &s)
	s.Confidence = min(max(s.Confidence, 0), 1)
	s.FixedCode = inPlaceOf(r.Code, s.FixedCode)
	return s, err
}
