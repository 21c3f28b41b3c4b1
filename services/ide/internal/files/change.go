package files

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Condition is what must hold for a change to happen; the zero one always does.
type Condition struct {
	// IfMatch lists versions of which the file must be one; "*" is any.
	IfMatch []string
	// IfAbsent: there must be nothing yet.
	IfAbsent bool
}

// check compares the condition with what is there; info is nil for nothing.
func (c Condition) check(info fs.FileInfo) error {
	if c.IfAbsent && info != nil {
		return ErrChanged.WithMessage("There is a file of this name already.")
	}
	if len(c.IfMatch) == 0 {
		return nil
	}
	if info == nil || !slices.Contains(c.IfMatch, "*") && !slices.Contains(c.IfMatch, tag(info)) {
		return ErrChanged
	}
	return nil
}

// writing begins the names of files that are not whole yet.
const writing = ".atrium-write-"

// Write replaces a file with what content gives, whole or not at all: it is
// written beside it, made to last, and then takes its place. Folders above it
// are made. An error of content is answered as it is.
func (f *Folder) Write(name string, c Condition, content io.Reader) (Version, error) {
	if err := valid(name); err != nil {
		return Version{}, err
	}
	mode, err := f.writable(name, c)
	if err != nil {
		return Version{}, err
	}
	if err := f.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return Version{}, known(err)
	}
	folder, err := f.openFolder(path.Dir(name))
	if err != nil {
		return Version{}, err
	}
	defer folder.Close()
	fresh := writing + strings.ToLower(rand.Text())
	defer folder.Remove(fresh) //nolint:errcheck // it is there only when something failed
	if err := fill(folder, fresh, mode, content); err != nil {
		return Version{}, known(err)
	}
	return f.place(folder, fresh, name, c)
}

// writable gives the permissions for what is to be written, unless it can't be.
func (f *Folder) writable(name string, c Condition) (fs.FileMode, error) {
	info, err := f.present(name)
	if err == nil {
		err = c.check(info)
	}
	switch {
	case err != nil:
		return 0, err
	case info == nil:
		return 0o644, nil
	case info.IsDir():
		return 0, ErrDirectory
	case !info.Mode().IsRegular():
		return 0, ErrNoFile
	}
	return info.Mode().Perm(), nil
}

// present gives what is there, nil for nothing.
func (f *Folder) present(name string) (fs.FileInfo, error) {
	info, err := f.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // nothing there is an answer
	}
	return info, known(err)
}

func fill(folder *os.Root, name string, mode fs.FileMode, content io.Reader) error {
	file, err := folder.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if err == nil {
		err = errors.Join(file.Chmod(mode), file.Sync())
	}
	return errors.Join(err, file.Close())
}

// place gives a whole file its name, if the condition still holds.
func (f *Folder) place(folder *os.Root, fresh, name string, c Condition) (Version, error) {
	f.commit.Lock()
	defer f.commit.Unlock()
	if _, err := f.writable(name, c); err != nil {
		return Version{}, err
	}
	last := path.Base(name)
	put := folder.Rename
	if c.IfAbsent {
		put = folder.Link // unlike a rename it replaces nothing
	}
	if err := put(fresh, last); err != nil {
		if c.IfAbsent && errors.Is(err, fs.ErrExist) {
			return Version{}, ErrChanged
		}
		return Version{}, known(err)
	}
	if c.IfAbsent {
		if err := folder.Remove(fresh); err != nil { // its time of change, and so its tag, moves with this
			return Version{}, known(err)
		}
	}
	if err := settle(folder); err != nil {
		return Version{}, known(err)
	}
	info, err := folder.Lstat(last)
	if err != nil {
		return Version{}, known(err)
	}
	return version(name, info), nil
}

// settle makes a change of names last.
func settle(folder *os.Root) error {
	self, err := folder.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(self.Sync(), self.Close())
}

// Delete removes a file, a link or a folder; one with something in it only
// when recursive.
func (f *Folder) Delete(name string, recursive bool, c Condition) error {
	if err := valid(name); err != nil {
		return err
	}
	f.commit.Lock()
	defer f.commit.Unlock()
	info, err := f.present(name)
	if err != nil {
		return err
	}
	if err := c.check(info); err != nil {
		return err
	}
	if info == nil {
		return ErrNotFound
	}
	if recursive {
		return known(f.root.RemoveAll(name))
	}
	return known(f.root.Remove(name))
}

// Move gives a file or folder another name. A file that is there is replaced
// only with overwrite, a folder never.
func (f *Folder) Move(from, to string, overwrite bool) (Entry, error) {
	if err := errors.Join(valid(from), valid(to)); err != nil {
		return Entry{}, ErrPath
	}
	if strings.HasPrefix(to+"/", from+"/") && to != from {
		return Entry{}, errIntoItself
	}
	f.commit.Lock()
	defer f.commit.Unlock()
	if _, err := f.root.Lstat(from); err != nil {
		return Entry{}, known(err)
	}
	there, err := f.present(to)
	switch {
	case err != nil:
		return Entry{}, err
	case there != nil && (!overwrite || there.IsDir()) && from != to:
		return Entry{}, ErrExists
	}
	if err := f.root.Rename(from, to); err != nil {
		return Entry{}, known(err)
	}
	info, err := f.root.Lstat(to)
	if err != nil {
		return Entry{}, known(err)
	}
	return entry(to, info), nil
}
