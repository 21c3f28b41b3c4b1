package grpcapi

import (
	"context"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/codeassist"
)

// GenerateTests gives tests for code.
func (s *Code) GenerateTests(ctx context.Context, r *idev1.GenerateTestsRequest) (*idev1.GenerateTestsResponse, error) {
	made, err := s.Assistant.Tests(ctx, codeassist.WriteRequest{
		Code: r.GetCode(), Language: r.GetLanguage(), Surroundings: surroundings(r.GetContext()),
	})
	if err != nil {
		return nil, err
	}
	return &idev1.GenerateTestsResponse{
		Code: made.Code, FilePath: made.FilePath, Explanation: made.Explanation, RequestId: made.RequestID,
	}, nil
}

// GenerateDocs gives the code with documentation comments.
func (s *Code) GenerateDocs(ctx context.Context, r *idev1.GenerateDocsRequest) (*idev1.GenerateDocsResponse, error) {
	made, err := s.Assistant.Docs(ctx, codeassist.WriteRequest{
		Code: r.GetCode(), Language: r.GetLanguage(), Surroundings: surroundings(r.GetContext()),
	})
	if err != nil {
		return nil, err
	}
	return &idev1.GenerateDocsResponse{Code: made.Code, RequestId: made.RequestID}, nil
}

// WriteCommitMessage gives the message of a commit.
func (s *Code) WriteCommitMessage(ctx context.Context, r *idev1.WriteCommitMessageRequest) (*idev1.WriteCommitMessageResponse, error) {
	made, err := s.Assistant.CommitMessage(ctx, codeassist.CommitRequest{Diff: r.GetDiff(), Recent: r.GetRecent()})
	if err != nil {
		return nil, err
	}
	return &idev1.WriteCommitMessageResponse{Message: made.Message, RequestId: made.RequestID}, nil
}
