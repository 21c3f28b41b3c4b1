package grpcapi

import (
	"context"
	"net/url"

	"github.com/google/uuid"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/live"
	"atrium.internal/services/chat/internal/prompt"
	"atrium.internal/services/chat/internal/search"
	"atrium.internal/services/chat/internal/share"
	"atrium.internal/services/chat/internal/turn"
	"atrium.internal/services/chat/internal/window"
)

// Server serves chatv1.ChatService.
type Server struct {
	chatv1.UnimplementedChatServiceServer
	keeper  *conversation.Keeper
	turns   *turn.Runner
	prompts *prompt.Keeper
	shares  *share.Keeper
	files   *attachment.Keeper
	texts   search.Store
	windows *window.Packer
	watcher *live.Watcher
	pages   *page.Codec
	site    *url.URL
}

// Parts are what the server stands on.
type Parts struct {
	Keeper  *conversation.Keeper
	Turns   *turn.Runner
	Prompts *prompt.Keeper
	Shares  *share.Keeper
	Files   *attachment.Keeper
	Texts   search.Store
	Windows *window.Packer
	Watcher *live.Watcher
	Pages   *page.Codec
	// Site is where browsers reach the platform.
	Site *url.URL
}

// New makes the server.
func New(p Parts) *Server {
	return &Server{keeper: p.Keeper, turns: p.Turns, prompts: p.Prompts, shares: p.Shares, files: p.Files, texts: p.Texts, windows: p.Windows, watcher: p.Watcher, pages: p.Pages, site: p.Site}
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
