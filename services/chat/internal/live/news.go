package live

import (
	"context"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/chat/internal/turn"
)

// News is something that has changed.
type News struct {
	// Conversation has changed or was deleted.
	Conversation uuid.UUID
	// Answer is zero, or one that begins in it.
	Answer uuid.UUID
}

// Bus carries news to every replica.
type Bus interface {
	// Publish tells everybody who watches a user's conversations. It does not
	// wait for anybody and fails silently.
	Publish(ctx context.Context, user uuid.UUID, n News)
	// Subscribe gives a user's news from now on. The channel is closed when
	// they are not taken in time.
	Subscribe(user uuid.UUID) (news <-chan News, release func())
}

// ErrSlow ends the watching of somebody who does not take the news.
var ErrSlow = apperr.New(apperr.RateLimited, "SLOW_READER", "You take what is sent too slowly. Connect again and read everything anew.")

// Herald publishes what packages conversation and turn report.
type Herald struct{ Bus Bus }

// Changed reports a conversation that is new, other than before, or deleted.
func (h Herald) Changed(ctx context.Context, user, conv uuid.UUID) {
	h.Bus.Publish(ctx, user, News{Conversation: conv})
}

// Began reports an answer.
func (h Herald) Began(ctx context.Context, p turn.Pair) {
	h.Bus.Publish(ctx, p.Owner, News{Conversation: p.Assistant.ConversationID, Answer: p.Assistant.ID})
}

// Ended reports the end of an answer.
func (h Herald) Ended(ctx context.Context, p turn.Pair) {
	h.Changed(ctx, p.Owner, p.Assistant.ConversationID)
}
