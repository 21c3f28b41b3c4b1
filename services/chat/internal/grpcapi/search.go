package grpcapi

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/search"
)

// Search finds words in the caller's titles and messages.
func (s *Server) Search(ctx context.Context, req *chatv1.SearchRequest) (*chatv1.SearchResponse, error) {
	user, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	query, err := search.Parse(req.GetQ())
	if err != nil {
		return nil, err
	}
	list, before := "search:"+req.GetQ(), uuid.Nil
	if err := s.pages.Decode(req.GetPageToken(), user.UserID, list, &before); err != nil {
		return nil, err
	}
	hits, last, err := s.texts.Search(ctx, user.UserID, query, before, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &chatv1.SearchResponse{}
	for _, hit := range hits {
		resp.Results = append(resp.Results, resultMessage(hit))
	}
	if last != uuid.Nil {
		resp.NextPageToken = s.pages.Encode(user.UserID, list, last)
	}
	return resp, nil
}

func resultMessage(hit search.Hit) *chatv1.SearchResult {
	m := &chatv1.SearchResult{
		ConversationId: hit.Conversation.String(), ConversationTitle: hit.Title, MessageId: idText(hit.Message),
		Role: hit.Role, CreatedAt: timestamppb.New(hit.CreatedAt), Snippet: hit.Text,
	}
	for _, span := range hit.Hits {
		m.Highlights = append(m.Highlights, &chatv1.Highlight{Start: int32(span.Start), End: int32(span.End)})
	}
	return m
}
