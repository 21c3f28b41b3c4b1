package backup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// apart are entries of a data directory that are not files of the data: the
// private databases, keys, and what a start makes anew.
var apart = []string{"postgres", "redis", "keys", "certificates", "users", "volumes", "lock", "atrium-format"}

// tar writes paths below root into an archive, with owners, modes and holes.
// Files that change meanwhile are in it as they were when they were read.
func tar(ctx context.Context, archive, root string, paths ...string) error {
	err := run(ctx, nil, "tar", append([]string{
		"--create", "--sparse", "--xattrs", "--acls", "--numeric-owner", "--ignore-failed-read",
		"--warning=no-file-changed", "--warning=no-file-removed", "--warning=no-file-ignored",
		"--file=" + archive, "--directory=" + root, "--",
	}, paths...)...)
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() == 1 { // only that something changed meanwhile
		return nil
	}
	return err
}

func untar(ctx context.Context, archive, root string) error {
	return run(ctx, nil, "tar", "--extract", "--sparse", "--xattrs", "--acls", "--numeric-owner", "--preserve-permissions",
		"--same-owner", "--delay-directory-restore", "--file="+archive, "--directory="+root)
}

// users lists whose files there are, by folder or by volume.
func users(dataDir string) ([]string, error) {
	var all []string
	for _, dir := range []string{"users", "volumes"} {
		entries, err := os.ReadDir(filepath.Join(dataDir, dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, e := range entries {
			name, isVolume := strings.CutSuffix(e.Name(), ".img")
			if !strings.HasPrefix(name, ".") && (dir == "users" && e.IsDir() || dir == "volumes" && isVolume) {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// copyUser writes one user's files into an archive, whose root is the data
// directory: a volume that rests as it is, what is in use file by file.
func copyUser(ctx context.Context, archive, dataDir, user string) error {
	image, folder := filepath.Join("volumes", user+".img"), filepath.Join("users", user)
	if !exists(filepath.Join(dataDir, image)) || mounted(filepath.Join(dataDir, folder)) {
		return tar(ctx, archive, dataDir, folder)
	}
	if err := tar(ctx, archive, dataDir, image); err != nil {
		return err
	}
	if mounted(filepath.Join(dataDir, folder)) { // meanwhile
		return tar(ctx, archive, dataDir, folder)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// mounted says whether a folder is another file system than the one it lies in.
func mounted(folder string) bool {
	var inside, outside syscall.Stat_t
	if syscall.Stat(folder, &inside) != nil || syscall.Stat(filepath.Dir(folder), &outside) != nil {
		return false
	}
	return inside.Dev != outside.Dev
}
