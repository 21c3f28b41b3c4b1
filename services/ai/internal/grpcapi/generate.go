package grpcapi

import (
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"atrium.internal/pkg/apperr"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai/internal/generate"
)

// Generate streams one answer.
func (s *Service) Generate(req *aiv1.GenerateRequest, stream grpc.ServerStreamingServer[aiv1.GenerateResponse]) error {
	request, err := requestOf(req)
	if err != nil {
		return err
	}
	return s.generator.Run(stream.Context(), request, &sink{stream: stream})
}

func requestOf(req *aiv1.GenerateRequest) (generate.Request, error) {
	out := generate.Request{
		Model:          req.GetModel(),
		System:         req.GetSystem(),
		MaxTokens:      int64(req.GetMaxTokens()),
		Temperature:    req.Temperature,
		StopSequences:  req.GetStopSequences(),
		ResponseSchema: req.GetResponseSchema(),
		Source:         req.GetSource(),
	}
	if id := req.GetRequestId(); id != "" {
		var err error
		if out.ID, err = uuid.Parse(id); err != nil {
			return out, apperr.Invalid("requestId", "is not a UUID")
		}
	}
	for _, m := range req.GetMessages() {
		out.Messages = append(out.Messages, generate.Message{Role: generate.Role(m.GetRole()), Text: m.GetContent()})
	}
	return out, nil
}

// sink sends an answer's events as messages of the stream.
type sink struct {
	stream grpc.ServerStreamingServer[aiv1.GenerateResponse]
}

func (s *sink) Started(e generate.Started) error {
	return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Started_{
		Started: &aiv1.GenerateResponse_Started{RequestId: e.RequestID, Model: e.Model, Provider: e.Provider},
	}})
}

func (s *sink) Delta(text string) error {
	return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Delta_{
		Delta: &aiv1.GenerateResponse_Delta{Text: text},
	}})
}

func (s *sink) Usage(u generate.Usage) error {
	return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Usage{Usage: &aiv1.Usage{
		InputTokens:      int32(u.Tokens.Input),
		OutputTokens:     int32(u.Tokens.Output),
		CacheReadTokens:  int32(u.Tokens.CacheRead),
		CacheWriteTokens: int32(u.Tokens.CacheWrite),
		CostMicroUsd:     u.CostMicroUSD,
		CountedBy:        string(u.CountedBy),
	}}})
}

func (s *sink) Done(reason generate.StopReason) error {
	return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Done_{
		Done: &aiv1.GenerateResponse_Done{StopReason: string(reason)},
	}})
}

// send's error is the stream's end, which the generator learns from the
// context too.
func (s *sink) send(m *aiv1.GenerateResponse) error {
	if err := s.stream.Send(m); err != nil {
		return fmt.Errorf("send to the caller: %w", err)
	}
	return nil
}
