package grpcapi

import (
	"google.golang.org/grpc"

	"atrium.internal/pkg/principal"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/live"
)

// Watch tells what changes in the caller's conversations. Its headers say that
// nothing is missed from then on.
func (s *Server) Watch(_ *chatv1.WatchRequest, stream grpc.ServerStreamingServer[chatv1.WatchResponse]) error {
	user, err := principal.SignedIn(stream.Context())
	if err != nil {
		return err
	}
	ready := func() error { return stream.SendHeader(nil) }
	return s.watcher.Watch(stream.Context(), user.UserID, ready, func(item live.Item) error {
		m, err := s.itemMessage(item)
		if err != nil {
			return err
		}
		return stream.Send(m)
	})
}

func (s *Server) itemMessage(item live.Item) (*chatv1.WatchResponse, error) {
	switch {
	case item.Conversation != nil:
		c, err := s.conversationMessage(*item.Conversation)
		return &chatv1.WatchResponse{Event: &chatv1.WatchResponse_Conversation{Conversation: c}}, err
	case item.Event != nil:
		event, err := eventMessage(item.Event.Shown)
		return &chatv1.WatchResponse{Event: &chatv1.WatchResponse_Answer{Answer: &chatv1.WatchResponse_AnswerEvent{
			ConversationId: item.Event.Conversation.String(), MessageId: item.Event.Answer.String(), Event: event,
		}}}, err
	}
	return &chatv1.WatchResponse{Event: &chatv1.WatchResponse_DeletedConversationId{DeletedConversationId: item.Deleted.String()}}, nil
}
