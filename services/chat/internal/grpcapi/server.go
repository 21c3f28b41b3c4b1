package grpcapi

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// Server serves chatv1.ChatService.
type Server struct {
	chatv1.UnimplementedChatServiceServer
	keeper *conversation.Keeper
	turns  *turn.Runner
	pages  *page.Codec
}

// New makes the server.
func New(keeper *conversation.Keeper, turns *turn.Runner, pages *page.Codec) *Server {
	return &Server{keeper: keeper, turns: turns, pages: pages}
}

// caller gives the signed-in user and an id from the request; a text that is
// no id belongs to nothing, which missing says.
func caller(ctx context.Context, text string, missing error) (user, id uuid.UUID, err error) {
	p, err := principal.SignedIn(ctx)
	if err != nil {
		return uuid.Nil, uuid.Nil, err
	}
	id, err = uuid.Parse(text)
	if err != nil {
		return uuid.Nil, uuid.Nil, missing
	}
	return p.UserID, id, nil
}

// optional reads an id that may be empty.
func optional(text string, missing error) (uuid.UUID, error) {
	if text == "" {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, missing
	}
	return id, nil
}
