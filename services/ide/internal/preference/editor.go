package preference

import (
	"context"

	"github.com/google/uuid"
)

// Editor is what a user has chosen. Nil is no choice: VS Code's own default, or
// what it was set to there. Bounds are the contract's.
type Editor struct {
	// FontSize in pixels, TabSize in columns.
	FontSize          *int32  `json:"fontSize,omitempty"`
	TabSize           *int32  `json:"tabSize,omitempty"`
	InsertSpaces      *bool   `json:"insertSpaces,omitempty"`
	WordWrap          *bool   `json:"wordWrap,omitempty"`
	AutoSave          *string `json:"autoSave,omitempty"`
	FormatOnSave      *bool   `json:"formatOnSave,omitempty"`
	Minimap           *bool   `json:"minimap,omitempty"`
	InlineSuggestions *bool   `json:"inlineSuggestions,omitempty"`
	Theme             *string `json:"theme,omitempty"`
}

// Store keeps choices.
type Store interface {
	// Editor gives a user's, with their revision; revision 0 when there are none.
	Editor(ctx context.Context, user uuid.UUID) (Editor, int64, error)
	// PutEditor replaces a user's, with the audit row, and gives their revision,
	// which is one more than before.
	PutEditor(ctx context.Context, user uuid.UUID, e Editor) (revision int64, err error)
}
