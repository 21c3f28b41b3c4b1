package grpcapi

import (
	"context"
	"time"

	"github.com/google/uuid"
)

type exportedPrompt struct {
	ID        uuid.UUID `json:"id"`
	Title     string    `json:"title"`
	Content   string    `json:"content"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// savedPrompts writes the user's prompts as one list.
func (e *exporting) savedPrompts(ctx context.Context) error {
	if err := e.out.List("prompts.json"); err != nil {
		return err
	}
	for after, more := uuid.Nil, true; more; {
		list, next, err := e.prompts.List(ctx, e.user, after, exportedAtOnce)
		if err != nil {
			return err
		}
		for _, p := range list {
			shown := exportedPrompt{ID: p.ID, Title: p.Title, Content: p.Content, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt}
			if err := e.out.Item(shown); err != nil {
				return err
			}
		}
		after, more = next, next != uuid.Nil
	}
	return e.out.EndList()
}
