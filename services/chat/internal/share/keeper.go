package share

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/services/chat/internal/conversation"
)

// Store keeps pictures.
type Store interface {
	// Share takes the picture of the branch of a user's conversation that ends
	// in head, or in the conversation's own head for zero. The first picture of
	// a conversation gets the fresh token; later ones replace it under the
	// token that there is. It answers conversation.ErrNotFound,
	// conversation.ErrMessageNotFound, ErrNothing and ErrTooLarge.
	Share(ctx context.Context, user, conv, head uuid.UUID, fresh Token) (conversation.Link, error)
	// Unshare removes the picture, if there is one. It answers
	// conversation.ErrNotFound.
	Unshare(ctx context.Context, user, conv uuid.UUID) error
	// Shared gives the picture of a token, or ErrNotFound.
	Shared(ctx context.Context, t Token) (Picture, error)
}

// Keeper applies the rules of this package.
type Keeper struct {
	store  Store
	herald conversation.Herald
}

// NewKeeper makes the rules' keeper, which tells the herald of links.
func NewKeeper(store Store, herald conversation.Herald) *Keeper {
	return &Keeper{store: store, herald: herald}
}

// Share makes a branch readable for whoever has the link.
func (k *Keeper) Share(ctx context.Context, user, conv, head uuid.UUID) (conversation.Link, error) {
	link, err := k.store.Share(ctx, user, conv, head, NewToken())
	if err == nil {
		k.herald.Changed(ctx, user, conv)
	}
	return link, err
}

// Unshare ends the link at once.
func (k *Keeper) Unshare(ctx context.Context, user, conv uuid.UUID) error {
	err := k.store.Unshare(ctx, user, conv)
	if err == nil {
		k.herald.Changed(ctx, user, conv)
	}
	return err
}

// Shared gives what a link shows, to anybody.
func (k *Keeper) Shared(ctx context.Context, token string) (Picture, error) {
	t, err := ParseToken(token)
	if err != nil {
		return Picture{}, err
	}
	return k.store.Shared(ctx, t)
}
