package grpcapi

import (
	"fmt"

	"google.golang.org/grpc"

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

// sink sends an answer's events as messages of the stream.
type sink struct {
	stream grpc.ServerStreamingServer[aiv1.GenerateResponse]
}

func (s *sink) Started(e generate.Started) error {
	return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Started_{
		Started: &aiv1.GenerateResponse_Started{
			RequestId: e.RequestID, Model: e.Model, Provider: e.Provider, Prompt: usage(e.Prompt),
		},
	}})
}

func (s *sink) Piece(p generate.Piece) error {
	switch {
	case p.ToolUse != nil:
		return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_ToolUse{
			ToolUse: &aiv1.GenerateResponse_ToolUseStart{Id: p.ToolUse.ID, Name: p.ToolUse.Name},
		}})
	case p.ToolInput != "":
		return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_ToolInput_{
			ToolInput: &aiv1.GenerateResponse_ToolInput{Json: p.ToolInput},
		}})
	case p.Thinking != nil:
		return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Thinking{
			Thinking: &aiv1.Thinking{Text: p.Thinking.Text, Signature: p.Thinking.Signature, Redacted: p.Thinking.Redacted},
		}})
	}
	return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Delta_{
		Delta: &aiv1.GenerateResponse_Delta{Text: p.Text},
	}})
}

func (s *sink) Usage(u generate.Usage) error {
	return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Usage{Usage: usage(u)}})
}

func usage(u generate.Usage) *aiv1.Usage {
	return &aiv1.Usage{
		InputTokens:      int32(u.Tokens.Input),
		OutputTokens:     int32(u.Tokens.Output),
		CacheReadTokens:  int32(u.Tokens.CacheRead),
		CacheWriteTokens: int32(u.Tokens.CacheWrite),
		CostMicroUsd:     u.CostMicroUSD,
		CountedBy:        string(u.CountedBy),
	}
}

func (s *sink) Done(reason generate.StopReason, sequence string) error {
	return s.send(&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Done_{
		Done: &aiv1.GenerateResponse_Done{StopReason: string(reason), StopSequence: sequence},
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
