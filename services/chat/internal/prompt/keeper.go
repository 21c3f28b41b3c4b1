package prompt

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// Store keeps prompts; each method sees only those of the given user.
type Store interface {
	// CreatePrompt adds a prompt; a repeated call with the same idempotency key
	// gives the one of then. It answers ErrTooMany.
	CreatePrompt(ctx context.Context, p Prompt) (Prompt, error)
	// Prompts gives those after one, in order of creation.
	Prompts(ctx context.Context, user, after uuid.UUID, limit int) ([]Prompt, error)
	// UpdatePrompt lets change alter a locked prompt, or answers ErrNotFound.
	UpdatePrompt(ctx context.Context, user, id uuid.UUID, change func(*Prompt)) (Prompt, error)
	// DeletePrompt removes a prompt, or answers ErrNotFound.
	DeletePrompt(ctx context.Context, user, id uuid.UUID) error
}

// Keeper applies the rules of this package.
type Keeper struct{ store Store }

// NewKeeper makes the rules' keeper.
func NewKeeper(store Store) *Keeper { return &Keeper{store: store} }

// Create adds a prompt for its user.
func (k *Keeper) Create(ctx context.Context, p Prompt) (Prompt, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Prompt{}, fmt.Errorf("prompt id: %w", err)
	}
	p.ID, p.Title = id, strings.TrimSpace(p.Title)
	if err := check(p.Title, p.Content); err != nil {
		return Prompt{}, err
	}
	return k.store.CreatePrompt(ctx, p)
}

// check refuses what would be seen as nothing.
func check(title, content string) error {
	if strings.TrimSpace(title) == "" {
		return apperr.Invalid("title", "must not be blank")
	}
	if strings.TrimSpace(content) == "" {
		return apperr.Invalid("content", "must not be blank")
	}
	return nil
}

// List gives a page; next is zero on the last one.
func (k *Keeper) List(ctx context.Context, user, after uuid.UUID, limit int) (page []Prompt, next uuid.UUID, err error) {
	page, err = k.store.Prompts(ctx, user, after, limit+1)
	if err != nil || len(page) <= limit {
		return page, uuid.Nil, err
	}
	return page[:limit], page[limit-1].ID, nil
}

// Change is what a person changes of a prompt; nil leaves a thing as it is.
type Change struct{ Title, Content *string }

// Update applies a change.
func (k *Keeper) Update(ctx context.Context, user, id uuid.UUID, c Change) (Prompt, error) {
	const unchanged = "unchanged"
	title, content := unchanged, unchanged
	if c.Title != nil {
		title = strings.TrimSpace(*c.Title)
	}
	if c.Content != nil {
		content = *c.Content
	}
	if err := check(title, content); err != nil {
		return Prompt{}, err
	}
	return k.store.UpdatePrompt(ctx, user, id, func(p *Prompt) {
		if c.Title != nil {
			p.Title = title
		}
		if c.Content != nil {
			p.Content = content
		}
	})
}

// Delete removes a prompt.
func (k *Keeper) Delete(ctx context.Context, user, id uuid.UUID) error {
	return k.store.DeletePrompt(ctx, user, id)
}
