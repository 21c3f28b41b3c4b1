package files

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// Folder is a project's folder, open.
type Folder struct {
	root *os.Root
	// commit lets one change at a time check its condition and take place.
	commit sync.Locker
}

// In makes a Folder of an open root. Changes to the same folder must be given
// the same lock.
func In(root *os.Root, commit sync.Locker) *Folder { return &Folder{root: root, commit: commit} }

// valid refuses what is no path into the folder. os.Root would keep it inside
// anyway; this says so before anything is tried.
func valid(name string) error {
	if name == "." || !fs.ValidPath(name) || strings.ContainsRune(name, 0) {
		return ErrPath
	}
	return nil
}

// orSelf is valid for a folder, where an empty path is the project's own.
func orSelf(name string) (string, error) {
	if name == "" {
		return ".", nil
	}
	return name, valid(name)
}

// A listing holds at most these many entries, and bytes of their paths.
const (
	maxEntries = 10_000
	maxListing = 2 << 20
)

// List gives what lies in a folder, folders first. truncated says that it has
// more than can be listed.
func (f *Folder) List(name string) (entries []Entry, truncated bool, err error) {
	name, err = orSelf(name)
	if err != nil {
		return nil, false, err
	}
	folder, err := f.openFolder(name)
	if err != nil {
		return nil, false, err
	}
	defer folder.Close()
	list, err := folder.Open(".")
	if err != nil {
		return nil, false, known(err)
	}
	defer list.Close()
	names, err := list.Readdirnames(maxEntries + 1)
	if err != nil && len(names) == 0 && !errors.Is(err, io.EOF) {
		return nil, false, known(err)
	}
	truncated = len(names) > maxEntries
	size := 0
	for _, n := range names[:min(len(names), maxEntries)] {
		info, err := folder.Lstat(n)
		if err != nil {
			continue // it has just gone
		}
		e := entry(path.Join(name, n), info)
		if size += len(e.Path) + len(e.Name); size > maxListing {
			return sorted(entries), true, nil
		}
		entries = append(entries, e)
	}
	return sorted(entries), truncated, nil
}

func sorted(entries []Entry) []Entry {
	slices.SortFunc(entries, func(a, b Entry) int {
		if (a.Type == Directory) != (b.Type == Directory) {
			if a.Type == Directory {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return entries
}

// openFolder opens a folder; anything else there is refused, and not opened,
// because a pipe would make us wait.
func (f *Folder) openFolder(name string) (*os.Root, error) {
	info, err := f.root.Stat(name)
	if err != nil {
		return nil, known(err)
	}
	if !info.IsDir() {
		return nil, ErrNoFolder
	}
	folder, err := f.root.OpenRoot(name)
	return folder, known(err)
}

// Open opens a file for reading. Links are followed as far as they stay inside.
func (f *Folder) Open(name string) (io.ReadCloser, Version, error) {
	file, v, err := f.open(name)
	if err != nil {
		return nil, v, err
	}
	return file, v, nil
}

func (f *Folder) open(name string) (*os.File, Version, error) {
	if err := valid(name); err != nil {
		return nil, Version{}, err
	}
	file, err := f.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe must not make us wait
	if err != nil {
		return nil, Version{}, known(err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNoFile
		if info.IsDir() {
			err = ErrDirectory
		}
	}
	if err != nil {
		file.Close()
		return nil, Version{}, known(err)
	}
	return file, version(name, info), nil
}

// MakeDirectory makes a folder and those above it.
func (f *Folder) MakeDirectory(name string) (Entry, error) {
	if err := valid(name); err != nil {
		return Entry{}, err
	}
	if err := f.root.MkdirAll(name, 0o755); err != nil {
		return Entry{}, known(err)
	}
	info, err := f.root.Stat(name)
	if err != nil {
		return Entry{}, known(err)
	}
	return entry(name, info), nil
}
