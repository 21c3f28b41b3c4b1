package grpcapi

import (
	"context"

	"atrium.internal/pkg/principal"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/preference"
)

// Preferences serves EditorSettingsService.
type Preferences struct {
	idev1.UnimplementedEditorSettingsServiceServer
	Store preference.Store
}

// GetEditorSettings gives the caller's choices.
func (s *Preferences) GetEditorSettings(ctx context.Context, _ *idev1.GetEditorSettingsRequest) (*idev1.EditorSettings, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	chosen, revision, err := s.Store.Editor(ctx, caller.UserID)
	if err != nil {
		return nil, err
	}
	return &idev1.EditorSettings{Revision: revision, Choices: encodeChoices(chosen)}, nil
}

// PutEditorSettings replaces them.
func (s *Preferences) PutEditorSettings(ctx context.Context, r *idev1.PutEditorSettingsRequest) (*idev1.EditorSettings, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	c := r.GetChoices()
	chosen := preference.Editor{
		FontSize: c.FontSize, TabSize: c.TabSize, InsertSpaces: c.InsertSpaces, WordWrap: c.WordWrap, AutoSave: c.AutoSave,
		FormatOnSave: c.FormatOnSave, Minimap: c.Minimap, InlineSuggestions: c.InlineSuggestions, Theme: c.Theme,
	}
	revision, err := s.Store.PutEditor(ctx, caller.UserID, chosen)
	if err != nil {
		return nil, err
	}
	return &idev1.EditorSettings{Revision: revision, Choices: encodeChoices(chosen)}, nil
}

func encodeChoices(e preference.Editor) *idev1.EditorChoices {
	return &idev1.EditorChoices{
		FontSize: e.FontSize, TabSize: e.TabSize, InsertSpaces: e.InsertSpaces, WordWrap: e.WordWrap, AutoSave: e.AutoSave,
		FormatOnSave: e.FormatOnSave, Minimap: e.Minimap, InlineSuggestions: e.InlineSuggestions, Theme: e.Theme,
	}
}
