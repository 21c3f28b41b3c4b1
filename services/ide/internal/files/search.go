package files

import (
	"cmp"
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// maxSearched is how many files and folders of a project a search looks at.
const maxSearched = 20_000

// fetched are folders of what tools fetch or make, in which nobody looks for a
// file of their own.
var fetched = []string{"node_modules", "vendor", "target", "dist", "build", "out", "__pycache__", "venv"}

// Found is a file that a search has found; the higher the rank, the better it fits.
type Found struct {
	Path string
	Rank int
}

// Search gives files whose path has every word in it, whatever the case, the
// best first and at most limit. Hidden ones, and those that tools fetch or make,
// are left out. truncated says that the project has more than is looked at.
func (f *Folder) Search(ctx context.Context, words []string, limit int) (found []Found, truncated bool, err error) {
	for i, w := range words {
		words[i] = strings.ToLower(w)
	}
	looked := 0
	err = fs.WalkDir(f.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if looked++; looked > maxSearched {
			truncated = true
			return fs.SkipAll
		}
		if err != nil {
			return nil //nolint:nilerr // a folder that is closed to us, or gone by now
		}
		base := path.Base(name)
		if name != "." && (strings.HasPrefix(base, ".") || entry.IsDir() && slices.Contains(fetched, base)) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if rank := fit(name, words); entry.Type().IsRegular() && rank > 0 {
			found = append(found, Found{Path: name, Rank: rank})
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, b Found) int {
		return cmp.Or(cmp.Compare(b.Rank, a.Rank), cmp.Compare(len(a.Path), len(b.Path)), cmp.Compare(a.Path, b.Path))
	})
	return found[:min(len(found), limit)], truncated, known(err)
}

// fit is 0 when a word is missing. A file's own name counts more than its
// folders, its beginning more than its middle.
func fit(name string, words []string) (rank int) {
	name = strings.ToLower(name)
	base := path.Base(name)
	for _, w := range words {
		switch {
		case base == w:
			rank += 8
		case strings.HasPrefix(base, w):
			rank += 4
		case strings.Contains(base, w):
			rank += 2
		case strings.Contains(name, w):
			rank++
		default:
			return 0
		}
	}
	return rank
}
