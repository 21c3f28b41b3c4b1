package grpcapi

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/codeassist"
)

// Code serves CodeService.
type Code struct {
	idev1.UnimplementedCodeServiceServer
	Assistant codeassist.Assistant
}

// Complete gives text to insert at the cursor.
func (s *Code) Complete(ctx context.Context, r *idev1.CompleteRequest) (*idev1.CompleteResponse, error) {
	cursor, err := decodeCursor(r.GetCursor())
	if err != nil {
		return nil, err
	}
	made, err := s.Assistant.Complete(ctx, codeassist.CompleteRequest{
		Code: r.GetCode(), Cursor: cursor, Language: r.GetLanguage(), Surroundings: surroundings(r.GetContext()),
	})
	if err != nil {
		return nil, err
	}
	return &idev1.CompleteResponse{Completion: made.Text, RequestId: made.RequestID, Cached: made.Cached}, nil
}

// Explain gives a whole explanation.
func (s *Code) Explain(ctx context.Context, r *idev1.ExplainRequest) (*idev1.ExplainResponse, error) {
	var b strings.Builder
	answer, err := s.Assistant.Explain(ctx, explanation(r), func(text string) error { b.WriteString(text); return nil })
	if err != nil {
		return nil, err
	}
	return &idev1.ExplainResponse{Explanation: b.String(), RequestId: answer.RequestID, Cached: answer.Cached}, nil
}

// StreamExplain gives an explanation as it is written.
func (s *Code) StreamExplain(r *idev1.ExplainRequest, stream grpc.ServerStreamingServer[idev1.StreamExplainResponse]) error {
	answer, err := s.Assistant.Explain(stream.Context(), explanation(r),
		func(text string) error { return stream.Send(&idev1.StreamExplainResponse{Text: text}) })
	if err != nil {
		return err
	}
	return stream.Send(&idev1.StreamExplainResponse{RequestId: answer.RequestID, Cached: answer.Cached})
}

func explanation(r *idev1.ExplainRequest) codeassist.ExplainRequest {
	return codeassist.ExplainRequest{Code: r.GetCode(), Language: r.GetLanguage(), Surroundings: surroundings(r.GetContext())}
}

// Debug gives the likely cause of an error.
func (s *Code) Debug(ctx context.Context, r *idev1.DebugRequest) (*idev1.DebugResponse, error) {
	found, err := s.Assistant.Debug(ctx, codeassist.DebugRequest{
		Error: r.GetError(), Code: r.GetCode(), Language: r.GetLanguage(), Surroundings: surroundings(r.GetContext()),
	})
	if err != nil {
		return nil, err
	}
	return &idev1.DebugResponse{RequestId: found.RequestID, Suggestion: &idev1.Suggestion{
		Cause: found.Cause, Explanation: found.Explanation, FixedCode: found.FixedCode, Confidence: found.Confidence,
	}}, nil
}

// Refactor gives code to put in the selection's place.
func (s *Code) Refactor(ctx context.Context, r *idev1.RefactorRequest) (*idev1.RefactorResponse, error) {
	made, err := s.Assistant.Refactor(ctx, codeassist.RefactorRequest{
		Code: r.GetCode(), Instruction: r.GetInstruction(), Language: r.GetLanguage(), Surroundings: surroundings(r.GetContext()),
	})
	if err != nil {
		return nil, err
	}
	return &idev1.RefactorResponse{Code: made.Code, Explanation: made.Explanation, RequestId: made.RequestID}, nil
}

// decodeCursor reads a number, or an object of line and character.
func decodeCursor(v *structpb.Value) (codeassist.Cursor, error) {
	switch kind := v.GetKind().(type) {
	case *structpb.Value_NumberValue:
		return codeassist.Offset(kind.NumberValue)
	case *structpb.Value_StructValue:
		fields := kind.StructValue.GetFields()
		line, lineOK := fields["line"].GetKind().(*structpb.Value_NumberValue)
		character, characterOK := fields["character"].GetKind().(*structpb.Value_NumberValue)
		if lineOK && characterOK && len(fields) == 2 {
			return codeassist.Position(line.NumberValue, character.NumberValue)
		}
	}
	return codeassist.Cursor{}, codeassist.ErrCursorShape
}

func surroundings(c *idev1.Context) codeassist.Surroundings {
	s := codeassist.Surroundings{FilePath: c.GetFilePath(), Before: c.GetBefore(), After: c.GetAfter()}
	for _, snippet := range c.GetSnippets() {
		s.Snippets = append(s.Snippets, codeassist.Snippet{FilePath: snippet.GetFilePath(), Content: snippet.GetContent()})
	}
	return s
}
