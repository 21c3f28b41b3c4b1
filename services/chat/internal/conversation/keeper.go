package conversation

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Store keeps conversations; each method sees only those of the given user.
type Store interface {
	// Create adds a conversation; a repeated call with the same idempotency key
	// gives the one of then.
	Create(ctx context.Context, c Conversation) (Conversation, error)
	// Get answers ErrNotFound.
	Get(ctx context.Context, user, id uuid.UUID) (Conversation, error)
	// List gives pinned ones first, then newest change first, after a cursor.
	List(ctx context.Context, user uuid.UUID, f Filter, after Cursor, limit int) ([]Conversation, error)
	// Update lets change alter a locked conversation. It answers ErrNotFound,
	// and ErrMessageNotFound for a head that is not in the conversation.
	Update(ctx context.Context, user, id uuid.UUID, change func(*Conversation)) (Conversation, error)
	// Delete hides a conversation, has the answers stop that are still being
	// written, and gives them. It answers ErrNotFound.
	Delete(ctx context.Context, user, id uuid.UUID) (running []uuid.UUID, err error)
	// Restore brings back a conversation that was deleted within Undo. It
	// answers ErrNotFound.
	Restore(ctx context.Context, user, id uuid.UUID) (Conversation, error)
}

// Tree reads the messages of a user's conversation after a position, in order.
type Tree interface {
	// Messages gives all of them. It answers ErrNotFound.
	Messages(ctx context.Context, user, id uuid.UUID, after int64, limit int) ([]Message, error)
	// Newest gives all of them the other way round, before a position or, at 0,
	// from the end. It answers ErrNotFound.
	Newest(ctx context.Context, user, id uuid.UUID, before int64, limit int) ([]Message, error)
	// Branch gives the path from the root to a message. It answers ErrNotFound
	// and ErrMessageNotFound.
	Branch(ctx context.Context, user, id, leaf uuid.UUID, after int64, limit int) ([]Message, error)
}

// Halter ends running answers, wherever they run.
type Halter interface {
	Halt(ctx context.Context, answers []uuid.UUID)
}

// Herald tells those who watch a user's conversations that one is new, other
// than before, or deleted. It does not wait for anybody.
type Herald interface {
	Changed(ctx context.Context, user, conv uuid.UUID)
}

// Keeper applies the rules of this package.
type Keeper struct {
	store  Store
	tree   Tree
	turns  Halter
	herald Herald
}

// NewKeeper makes the rules' keeper.
func NewKeeper(store Store, tree Tree, turns Halter, herald Herald) *Keeper {
	return &Keeper{store: store, tree: tree, turns: turns, herald: herald}
}

// Filter narrows a list.
type Filter struct {
	// Title is a part of the title, in any case; empty is any.
	Title string
	// Archived is nil for both.
	Archived *bool
	// Workspace that they belong to; zero is any, or none.
	Workspace uuid.UUID
}

// Cursor is the last conversation of a page; zero is before the first.
type Cursor struct {
	Pinned    bool      `json:"p"`
	UpdatedAt time.Time `json:"u"`
	ID        uuid.UUID `json:"i"`
}

// Create adds a conversation for its user.
func (k *Keeper) Create(ctx context.Context, c Conversation) (Conversation, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Conversation{}, fmt.Errorf("conversation id: %w", err)
	}
	text, err := json.Marshal(c.Metadata)
	if err != nil {
		return Conversation{}, fmt.Errorf("encode metadata: %w", err)
	}
	if len(text) > MaxMetadata {
		return Conversation{}, ErrMetadataTooLarge
	}
	c.ID, c.Title = id, strings.TrimSpace(c.Title)
	if c.Title != "" {
		c.TitleBy = ByUser
	}
	return k.told(ctx)(k.store.Create(ctx, c))
}

// Get gives a user's conversation, or ErrNotFound.
func (k *Keeper) Get(ctx context.Context, user, id uuid.UUID) (Conversation, error) {
	return k.store.Get(ctx, user, id)
}

// List gives a page; next is nil on the last one.
func (k *Keeper) List(ctx context.Context, user uuid.UUID, f Filter, after Cursor, limit int) (page []Conversation, next *Cursor, err error) {
	page, err = k.store.List(ctx, user, f, after, limit+1)
	if err != nil || len(page) <= limit {
		return page, nil, err
	}
	page = page[:limit]
	last := page[limit-1]
	return page, &Cursor{Pinned: last.Pinned, UpdatedAt: last.UpdatedAt, ID: last.ID}, nil
}

// Change is what a person changes of a conversation; nil leaves a thing as it is.
type Change struct {
	Title, Model, SystemPrompt *string
	Pinned, Archived           *bool
	// Workspace is zero for none.
	Head, Workspace *uuid.UUID
}

// Update applies a change. Only a new title or model makes the conversation a
// newer one: putting it aside or looking at another branch does not.
func (k *Keeper) Update(ctx context.Context, user, id uuid.UUID, c Change) (Conversation, error) {
	return k.told(ctx)(k.store.Update(ctx, user, id, func(conv *Conversation) {
		if c.Title != nil {
			conv.Title, conv.TitleBy = strings.TrimSpace(*c.Title), ByUser
		}
		if conv.Title == "" {
			conv.TitleBy = ByNobody
		}
		set(&conv.SystemPrompt, c.SystemPrompt)
		set(&conv.WorkspaceID, c.Workspace)
		set(&conv.Model, c.Model)
		set(&conv.Pinned, c.Pinned)
		set(&conv.Archived, c.Archived)
		set(&conv.HeadMessageID, c.Head)
	}))
}

// told passes a change on, and to those who watch.
func (k *Keeper) told(ctx context.Context) func(Conversation, error) (Conversation, error) {
	return func(c Conversation, err error) (Conversation, error) {
		if err == nil {
			k.herald.Changed(ctx, c.UserID, c.ID)
		}
		return c, err
	}
}

func set[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}

// Undo is for how long a deleted conversation can be restored.
const Undo = 10 * time.Minute

// Delete hides a conversation with its messages and ends what still writes in
// it. After Undo it goes for good.
func (k *Keeper) Delete(ctx context.Context, user, id uuid.UUID) error {
	running, err := k.store.Delete(ctx, user, id)
	if err != nil {
		return err
	}
	k.turns.Halt(ctx, running)
	k.herald.Changed(ctx, user, id)
	return nil
}

// Restore undoes a deletion.
func (k *Keeper) Restore(ctx context.Context, user, id uuid.UUID) (Conversation, error) {
	return k.told(ctx)(k.store.Restore(ctx, user, id))
}

// Messages gives a page of a conversation's tree, or of the branch that ends
// in leaf if that is not zero; next is 0 on the last page.
func (k *Keeper) Messages(ctx context.Context, user, id, leaf uuid.UUID, after int64, limit int) (page []Message, next int64, err error) {
	if leaf == uuid.Nil {
		page, err = k.tree.Messages(ctx, user, id, after, limit+1)
	} else {
		page, err = k.tree.Branch(ctx, user, id, leaf, after, limit+1)
	}
	return cut(page, limit, err)
}

// Newest gives a page of a conversation's tree from its newest message back;
// next is 0 on the last page.
func (k *Keeper) Newest(ctx context.Context, user, id uuid.UUID, before int64, limit int) (page []Message, next int64, err error) {
	page, err = k.tree.Newest(ctx, user, id, before, limit+1)
	return cut(page, limit, err)
}

// cut takes the one message too many that tells of a next page off a page.
func cut(page []Message, limit int, err error) ([]Message, int64, error) {
	if err != nil || len(page) <= limit {
		return page, 0, err
	}
	return page[:limit], page[limit-1].Position, nil
}
