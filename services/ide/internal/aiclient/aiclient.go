// Package aiclient asks the ai service, as the caller of the call at hand.
package aiclient

import (
	"context"
	"errors"
	"io"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ide/internal/codeassist"
)

// errRefused is for a model that declines to answer.
var errRefused = apperr.New(apperr.Unavailable, "AI_REFUSED", "The model declined to answer this.")

// Model is the ai service as package codeassist sees it.
type Model struct{ Client aiv1.AIServiceClient }

// Generate streams one answer.
func (m Model) Generate(ctx context.Context, p codeassist.Prompt, each func(string) error) (answer codeassist.Answer, err error) {
	ctx, cancel := context.WithCancel(grpcx.ForwardIdentity(ctx)) // ends the stream when each fails
	defer cancel()
	request := &aiv1.GenerateRequest{
		System: p.System, Source: p.Source, MaxTokens: p.MaxTokens, StopSequences: p.Stop, ResponseSchema: p.Schema,
		Messages: []*aiv1.ChatMessage{{Role: "user", Content: p.User}},
	}
	if p.Exact {
		request.Temperature = new(float64)
	}
	stream, err := m.Client.Generate(ctx, request)
	if err != nil {
		return answer, asOwn(err)
	}
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return answer, nil
		}
		if err != nil {
			return answer, asOwn(err)
		}
		switch e := event.GetEvent().(type) {
		case *aiv1.GenerateResponse_Started_:
			answer.RequestID = e.Started.GetRequestId()
		case *aiv1.GenerateResponse_Delta_:
			if err := each(e.Delta.GetText()); err != nil {
				return answer, err
			}
		case *aiv1.GenerateResponse_Done_:
			switch e.Done.GetStopReason() {
			case "refusal":
				return answer, errRefused
			case "max_tokens":
				answer.Cut = true
			}
		}
	}
}

// asOwn maps an error of a plain connection; the platform's own connections
// have done so already.
func asOwn(err error) error {
	var own *apperr.Error
	if errors.As(err, &own) {
		return err
	}
	return grpcx.FromStatus(err)
}
