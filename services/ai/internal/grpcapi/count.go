package grpcapi

import (
	"context"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
)

// CountTokens gives the size of a prompt.
func (s *Service) CountTokens(ctx context.Context, req *aiv1.GenerateRequest) (*aiv1.CountTokensResponse, error) {
	request, err := requestOf(req)
	if err != nil {
		return nil, err
	}
	tokens, by, err := s.generator.Count(ctx, request)
	if err != nil {
		return nil, err
	}
	return &aiv1.CountTokensResponse{InputTokens: int32(tokens), CountedBy: string(by)}, nil
}
