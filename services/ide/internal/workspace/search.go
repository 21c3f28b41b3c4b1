package workspace

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/files"
)

// FoundFile is a file of a workspace that a search has found.
type FoundFile struct {
	Workspace Workspace
	files.Found
}

// SearchFiles looks for files by the words of their path in the owner's running
// workspaces, the best first and at most limit. What can't be read is left out.
func (m *Manager) SearchFiles(ctx context.Context, owner uuid.UUID, text string, limit int) (found []FoundFile, truncated bool, err error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil, false, nil
	}
	err = m.each(ctx, owner, func(w Workspace) error {
		if w.Status != Running {
			return nil
		}
		err := m.Folder(ctx, owner, w.ID, func(f files.Tree) error {
			here, more, err := f.Search(ctx, words, limit)
			for _, one := range here {
				found = append(found, FoundFile{Workspace: w, Found: one})
			}
			truncated = truncated || more
			return err
		})
		if errors.Is(err, ErrFiles) || errors.Is(err, ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
			return nil // it has just gone, or its files are elsewhere
		}
		return err
	})
	slices.SortStableFunc(found, func(a, b FoundFile) int { return cmp.Compare(b.Rank, a.Rank) })
	return found[:min(len(found), limit)], truncated, err
}
