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
	events, err := aiwire.Ask(r.Context(), h.Client, out)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	defer events.Close()
	w.Header().Set("request-id", requestid.From(r.Context()))
	if in.Stream {
		h.stream(w, r, events)
		return
	}
	var message whole
	if err := events.Each(message.add); err != nil {
		problem.Write(w, r, err)
		return
	}
	aiwire.Write(w, message.answer)
}

func (h Handler) stream(w http.ResponseWriter, r *http.Request, events *aiwire.Answer) {
	out := aiwire.NewEvents(w)
	s := stream{send: out.Send}
	defer out.Flush() // the reader may be gone
	err := events.Stream(s.add, out.Flush, func() error { return out.Send("ping", bare{"ping"}) })
	if err != nil && !events.Ended() {
		_, body := Shape(http.Header{}, problem.Of(r, err).Error)
		_ = out.Send("error", body)
	}
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
