package remote

import (
	"context"
	"os"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/files"
)

// Can reports whether files of these volumes can be worked on without a sandbox.
func Can(volumes driver.Volumes) bool {
	_, here := volumes.(driver.Folders)
	_, elsewhere := volumes.(driver.Remote)
	return here || elsewhere
}

// Open opens a volume of which Can holds for do, here or where its files are.
func Open(ctx context.Context, volumes driver.Volumes, v driver.Volume, do func(files.Tree) error) error {
	if here, ok := volumes.(driver.Folders); ok {
		commit, done, err := here.Commits(v.WorkspaceID)
		if err != nil {
			return err
		}
		defer done()
		return here.Folder(ctx, v, func(root *os.Root) error { return do(files.In(root, commit)) })
	}
	elsewhere, ok := volumes.(driver.Remote)
	if !ok {
		return driver.ErrNotYet
	}
	conn, err := elsewhere.Reach(ctx, v)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	return do(NewClient(conn))
}
