package anthropic

import (
	"net/http"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/aiwire"
	"atrium.internal/gateway/middleware/requestid"
	"atrium.internal/gateway/problem"
)

// Handler serves the format's routes.
type Handler struct{ Client aiv1.AIServiceClient }

// Messages serves POST /v1/messages.
func (h Handler) Messages(w http.ResponseWriter, r *http.Request) {
	in, out, err := read(r, false)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	w.Header().Set("request-id", requestid.From(r.Context()))
	if in.Stream {
		h.stream(w, r, out)
		return
	}
	var message whole
	if err := aiwire.Each(r.Context(), h.Client, out, message.add); err != nil {
		problem.Write(w, r, err)
		return
	}
	aiwire.Write(w, message.answer)
}

func (h Handler) stream(w http.ResponseWriter, r *http.Request, request *aiv1.GenerateRequest) {
	out := aiwire.NewEvents(w)
	s := stream{send: out.Send}
	err := aiwire.Stream(r.Context(), h.Client, request, s.add, out.Flush, func() error { return out.Send("ping", bare{"ping"}) })
	switch {
	case err == nil:
	case !out.Begun():
		problem.Write(w, r, err)
		return
	case r.Context().Err() == nil:
		_, body := Shape(http.Header{}, problem.Of(r, err).Error)
		_ = out.Send("error", body)
	}
	_ = out.End() // the reader may be gone
}

// CountTokens serves POST /v1/messages/count_tokens.
func (h Handler) CountTokens(w http.ResponseWriter, r *http.Request) {
	_, out, err := read(r, true)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	count, err := h.Client.CountTokens(r.Context(), out)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	aiwire.Write(w, map[string]int32{"input_tokens": count.GetInputTokens()})
}

func read(r *http.Request, counting bool) (*request, *aiv1.GenerateRequest, error) {
	var in request
	if err := aiwire.Read(r, &in); err != nil {
		return nil, nil, err
	}
	out, err := in.generate(counting)
	return &in, out, err
}
