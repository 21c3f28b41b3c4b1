package files

import (
	"context"
	"io/fs"
	"path"
	"strings"
	"time"
)

// Sweep removes what writes that were cut short left, from before a moment. What
// can't be read or removed stays.
func (f *Folder) Sweep(ctx context.Context, before time.Time) error {
	return fs.WalkDir(f.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || !entry.Type().IsRegular() || !strings.HasPrefix(path.Base(name), writing) {
			return nil //nolint:nilerr // a folder that is closed to us, or gone by now
		}
		if info, err := entry.Info(); err == nil && info.ModTime().Before(before) {
			_ = f.root.Remove(name)
		}
		return nil
	})
}
