package sse

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"atrium.internal/pkg/apperr"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/problem"
)

const microPerUSD = 1e6

var errTools = apperr.Invalid("tools", "this route answers text; /api/ai/anthropic and /api/ai/openai take tools")

// Generate serves POST /api/ai/chat: one answer of a model to the given
// messages, kept by nobody but the ledger.
type Generate struct{ Client aiv1.AIServiceClient }

// answer is the whole answer, and the done event of a streamed one.
type answer struct {
	RequestID  string `json:"requestId"`
	Model      string `json:"model"`
	Provider   string `json:"provider"`
	Content    string `json:"content"`
	StopReason string `json:"stopReason"`
	Usage      usage  `json:"usage"`
}

type usage struct {
	InputTokens  int32   `json:"inputTokens"`
	OutputTokens int32   `json:"outputTokens"`
	CostUSD      float64 `json:"costUsd"`
}

// ServeHTTP streams start, delta, usage and done, or answers the whole.
func (g Generate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in aiv1.GenerateRequest
	if err := read(r, &in); err != nil {
		problem.Write(w, r, unreadable(err))
		return
	}
	if len(in.GetTools()) > 0 {
		problem.Write(w, r, errTools)
		return
	}
	in.RequestId, in.Source = "", "ai.chat"
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	events, err := g.Client.Generate(ctx, &in)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	first, err := events.Recv()
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	if wanted(r) {
		g.stream(ctx, w, r, first, events)
		return
	}
	whole := &answer{}
	var content strings.Builder
	for event := first; ; {
		whole.add(event)
		content.WriteString(event.GetDelta().GetText())
		if event, err = events.Recv(); err != nil {
			break
		}
	}
	if !errors.Is(err, io.EOF) {
		problem.Write(w, r, err)
		return
	}
	whole.Content = content.String()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(whole) // the reader may be gone
}

func (g Generate) stream(ctx context.Context, w http.ResponseWriter, r *http.Request, first *aiv1.GenerateResponse, events receiver[aiv1.GenerateResponse]) {
	out := start(w, r)
	state := &answer{}
	handle := func(event *aiv1.GenerateResponse) error {
		state.add(event)
		switch e := event.GetEvent().(type) {
		case *aiv1.GenerateResponse_Started_:
			return out.json("start", map[string]string{
				"requestId": state.RequestID, "model": state.Model, "provider": state.Provider,
			})
		case *aiv1.GenerateResponse_Delta_:
			return out.event(0, "delta", text(e.Delta.GetText()))
		case *aiv1.GenerateResponse_Usage:
			return out.json("usage", state.Usage)
		case *aiv1.GenerateResponse_Done_:
			return out.json("done", map[string]string{"stopReason": state.StopReason})
		}
		return nil
	}
	err := handle(first)
	if err == nil {
		err = each(ctx, out, events, handle)
	}
	if !errors.Is(err, io.EOF) && ctx.Err() == nil {
		out.failure(err)
	}
}

func (a *answer) add(event *aiv1.GenerateResponse) {
	switch e := event.GetEvent().(type) {
	case *aiv1.GenerateResponse_Started_:
		a.RequestID, a.Model, a.Provider = e.Started.GetRequestId(), e.Started.GetModel(), e.Started.GetProvider()
	case *aiv1.GenerateResponse_Usage:
		a.Usage = usage{
			InputTokens: e.Usage.GetInputTokens(), OutputTokens: e.Usage.GetOutputTokens(),
			CostUSD: float64(e.Usage.GetCostMicroUsd()) / microPerUSD,
		}
	case *aiv1.GenerateResponse_Done_:
		a.StopReason = e.Done.GetStopReason()
	}
}

func (w *writer) json(name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return w.event(0, name, data)
}
