package userdata

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"
)

// Measure adds up the blocks on disk of what is below a folder, in bytes, a file
// with several names once.
func Measure(ctx context.Context, top string) (int64, error) {
	type inode struct{ device, number uint64 }
	var total int64
	seen := map[inode]bool{}
	err := filepath.WalkDir(top, func(_ string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return skipVanished(err)
		}
		info, err := entry.Info()
		if err != nil {
			return skipVanished(err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return nil
		}
		if key := (inode{stat.Dev, stat.Ino}); stat.Nlink > 1 && !info.IsDir() {
			if seen[key] {
				return nil
			}
			seen[key] = true
		}
		total += stat.Blocks * 512
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("measure the workspace's folder: %w", err)
	}
	return total, nil
}

// skipVanished forgives what a running workspace removes meanwhile.
func skipVanished(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}
