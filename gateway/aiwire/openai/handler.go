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
	if in.Stream {
		h.stream(w, r, out, in.StreamOptions.IncludeUsage)
		return
	}
	answer := whole{created: time.Now().Unix()}
	if err := aiwire.Each(r.Context(), h.Client, out, answer.add); err != nil {
		problem.Write(w, r, err)
		return
	}
	aiwire.Write(w, answer.completion)
}

func (h Handler) stream(w http.ResponseWriter, r *http.Request, request *aiv1.GenerateRequest, countUsage bool) {
	out := aiwire.NewEvents(w)
	s := stream{send: out.Send, created: time.Now().Unix(), countUsage: countUsage}
	err := aiwire.Stream(r.Context(), h.Client, request, s.add, out.Flush, func() error { return out.Raw(": still here\n\n") })
	switch {
	case err == nil:
		_ = out.Raw("data: [DONE]\n\n")
	case !out.Begun():
		problem.Write(w, r, err)
		return
	case r.Context().Err() == nil:
		_, body := Shape(http.Header{}, problem.Of(r, err).Error)
		_ = out.Send("", body)
	}
	_ = out.End() // the reader may be gone
}
