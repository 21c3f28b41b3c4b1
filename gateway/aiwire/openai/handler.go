package openai

import (
	"net/http"
	"time"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/aiwire"
	"atrium.internal/gateway/problem"
)

// Handler serves the format's routes.
type Handler struct{ Client aiv1.AIServiceClient }

// Completions serves POST /v1/chat/completions.
func (h Handler) Completions(w http.ResponseWriter, r *http.Request) {
	var in request
	if err := aiwire.Read(r, &in); err != nil {
		problem.Write(w, r, err)
		return
	}
	out, err := in.generate()
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	events, err := aiwire.Ask(r.Context(), h.Client, out)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	defer events.Close()
	if in.Stream {
		h.stream(w, r, events, in.StreamOptions.IncludeUsage)
		return
	}
	answer := whole{created: time.Now().Unix()}
	if err := events.Each(answer.add); err != nil {
		problem.Write(w, r, err)
		return
	}
	aiwire.Write(w, answer.completion)
}

func (h Handler) stream(w http.ResponseWriter, r *http.Request, events *aiwire.Answer, countUsage bool) {
	out := aiwire.NewEvents(w)
	s := stream{send: out.Send, created: time.Now().Unix(), countUsage: countUsage}
	defer out.Flush() // the reader may be gone
	err := events.Stream(s.add, out.Flush, func() error { return out.Raw(": still here\n\n") })
	switch {
	case err == nil:
		_ = out.Raw("data: [DONE]\n\n")
	case !events.Ended():
		_, body := Shape(http.Header{}, problem.Of(r, err).Error)
		_ = out.Send("", body)
	}
}
