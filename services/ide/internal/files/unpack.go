package files

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"atrium.internal/pkg/apperr"
)

// What an archive may be. A million empty files, or a gigabyte of zeros in a
// megabyte, is nobody's project.
const (
	maxArchiveEntries = 100_000
	maxArchiveBytes   = 16 << 30
	maxArchiveName    = 4096
	maxArchiveDepth   = 64
	// maxRatio is how many times its own size an archive may unpack to, beyond
	// ratioGrace.
	maxRatio   = 200
	ratioGrace = 16 << 20
	// entryCost is what the smallest entry takes of the disk.
	entryCost = 4096
)

// What Unpack refuses.
var (
	ErrArchive         = apperr.New(apperr.InvalidArgument, "ARCHIVE_INVALID", "This is no tar.gz or zip archive, or a damaged one.")
	ErrArchiveEntry    = apperr.New(apperr.InvalidArgument, "ARCHIVE_ENTRY_REFUSED", "The archive holds something that is not unpacked.")
	ErrArchiveTooLarge = apperr.New(apperr.TooLarge, "ARCHIVE_TOO_LARGE", "The archive unpacks to more than is allowed.")
	ErrArchiveConflict = apperr.New(apperr.Conflict, "ARCHIVE_CONFLICT", "The archive does not fit over what is there.")
)

// Unpacked says what came of an archive.
type Unpacked struct {
	Files int
	Bytes int64
}

// staging begins the names of folders in which archives are unpacked.
const staging = ".atrium-upload-"

// Unpack puts the files of a tar.gz or zip archive into a folder, whole or not at
// all: they are unpacked beside it, and then take their places. Files that are
// there are replaced; where a folder would take the place of a file, or a file
// that of a folder or a link, nothing is done. Entries are files, folders, and
// relative links that stay inside. take is told of the bytes that are written,
// and may refuse them.
func (f *Folder) Unpack(into string, content io.Reader, take func(int64) error) (Unpacked, error) {
	into, err := orSelf(into)
	if err != nil {
		return Unpacked{}, err
	}
	name := staging + strings.ToLower(rand.Text())
	if err := f.root.Mkdir(name, 0o700); err != nil {
		return Unpacked{}, known(err)
	}
	defer f.root.RemoveAll(name) //nolint:errcheck // what can't be removed is the user's own
	beside, err := f.root.OpenRoot(name)
	if err != nil {
		return Unpacked{}, known(err)
	}
	defer beside.Close()
	u := &unpacking{work: beside, take: take, folders: map[string]bool{".": true}}
	for _, dir := range []string{"new", "old"} {
		if err := beside.Mkdir(dir, 0o700); err != nil {
			return Unpacked{}, known(err)
		}
	}
	if u.root, err = beside.OpenRoot("new"); err != nil {
		return Unpacked{}, known(err)
	}
	defer u.root.Close()
	if err := u.read(&counted{from: content, read: &u.packed}); err != nil {
		return Unpacked{}, known(err)
	}
	if err := u.link(); err != nil {
		return Unpacked{}, known(err)
	}
	if err := flush(beside); err != nil { // before the names: whoever sees a file sees all of it
		return Unpacked{}, known(err)
	}
	if err := f.settleIn(name, into, u); err != nil {
		return Unpacked{}, known(err)
	}
	return u.done, known(flush(f.root))
}

// flush makes everything last that was written, of which there may be much: one
// by one would take long.
func flush(root *os.Root) error {
	self, err := root.Open(".")
	if err != nil {
		return err
	}
	raw, err := self.SyscallConn()
	if err != nil {
		return errors.Join(err, self.Close())
	}
	var failed error
	err = raw.Control(func(fd uintptr) { failed = unix.Syncfs(int(fd)) })
	return errors.Join(err, failed, self.Close())
}

// unpacking is one archive on its way.
type unpacking struct {
	// work is the folder of this archive alone, root the one in it where files go.
	work, root *os.Root
	take       func(int64) error
	packed     int64 // bytes of the archive that were read
	entries    int
	done       Unpacked
	// names are those of files and links in the order of the archive, folders
	// those of folders.
	names   []string
	folders map[string]bool
	links   []linked
}

type linked struct{ name, target string }

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zipMagic  = []byte("PK")
)

// read tells the formats apart by how they begin.
func (u *unpacking) read(content io.Reader) error {
	from := bufio.NewReaderSize(content, 64<<10)
	begin, err := from.Peek(2)
	if err != nil {
		if errors.Is(err, io.EOF) {
			return ErrArchive
		}
		return err
	}
	switch {
	case bytes.Equal(begin, gzipMagic):
		return u.tar(from)
	case bytes.Equal(begin, zipMagic):
		return u.zip(from)
	}
	return ErrArchive
}

// damaged names an archive that can't be read on; a refusal of ours, or of what
// brings it, stays.
func damaged(err error) error {
	var ours *apperr.Error
	if errors.As(err, &ours) {
		return ours
	}
	for _, of := range []error{tar.ErrHeader, tar.ErrFieldTooLong, gzip.ErrHeader, gzip.ErrChecksum, zip.ErrFormat, zip.ErrAlgorithm, zip.ErrChecksum, io.ErrUnexpectedEOF} {
		if errors.Is(err, of) {
			return ErrArchive.WithCause(err)
		}
	}
	var corrupt interface{ Error() string }
	if errors.As(err, &corrupt) && strings.HasPrefix(corrupt.Error(), "flate: ") {
		return ErrArchive.WithCause(err)
	}
	return err
}

func (u *unpacking) tar(content io.Reader) error {
	plain, err := gzip.NewReader(content)
	if err != nil {
		return damaged(err)
	}
	entries := tar.NewReader(plain)
	for {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			_, err := io.Copy(io.Discard, content) // what follows the archive's end
			return err
		}
		if err != nil {
			return damaged(err)
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue // git writes one
		}
		if err := u.entry(header.Name, header.FileInfo().Mode(), header.Typeflag == tar.TypeLink, header.Linkname, entries); err != nil {
			return damaged(err)
		}
	}
}

// zip needs all of an archive before the first file.
func (u *unpacking) zip(content io.Reader) error {
	spool, err := u.work.OpenFile("archive", os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer spool.Close()
	entries := &headers{}
	size, err := io.Copy(io.MultiWriter(spool, entries), content)
	if err != nil {
		return err
	}
	// Each entry is remembered while the archive is read: so they are counted before.
	if entries.found > maxArchiveEntries {
		return tooMany()
	}
	archive, err := zip.NewReader(spool, size)
	if err != nil {
		return damaged(err)
	}
	for _, file := range archive.File {
		if err := u.zipped(file); err != nil {
			return damaged(err)
		}
	}
	return nil
}

func (u *unpacking) zipped(file *zip.File) error {
	content, err := file.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	target := ""
	if file.Mode()&fs.ModeSymlink != 0 {
		text, err := io.ReadAll(io.LimitReader(content, maxArchiveName+1))
		if err != nil {
			return err
		}
		target = string(text)
	}
	return u.entry(file.Name, file.Mode(), false, target, content)
}

// headers counts the places in a zip archive where an entry's header may be,
// which are at least as many as it has entries.
type headers struct {
	found int
	last  []byte
}

var headerMark = []byte("PK\x01\x02")

func (h *headers) Write(p []byte) (int, error) {
	seam := slices.Concat(h.last, p[:min(len(p), len(headerMark)-1)])
	h.found += bytes.Count(seam, headerMark) + bytes.Count(p, headerMark)
	keep := slices.Concat(h.last, p)
	if len(p) >= len(headerMark)-1 {
		keep = p
	}
	h.last = bytes.Clone(keep[max(0, len(keep)-len(headerMark)+1):])
	return len(p), nil
}

func refused(name, reason string) error {
	return ErrArchiveEntry.WithMessage(fmt.Sprintf("The archive is not unpacked: %.200q %s.", strings.ToValidUTF8(name, "\ufffd"), reason))
}

func tooMany() error {
	return ErrArchiveTooLarge.WithMessage(fmt.Sprintf("The archive holds more than %d files and folders.", maxArchiveEntries))
}

// entry unpacks one entry.
func (u *unpacking) entry(raw string, mode fs.FileMode, hard bool, target string, content io.Reader) error {
	if u.entries++; u.entries > maxArchiveEntries {
		return tooMany()
	}
	if len(raw) > maxArchiveName || strings.Count(raw, "/") > maxArchiveDepth {
		return refused(raw, "has too long a name or lies too deep")
	}
	name := strings.TrimSuffix(strings.TrimPrefix(raw, "./"), "/")
	if name == "" || name == "." {
		return nil // the folder itself
	}
	if valid(name) != nil || strings.ContainsRune(name, '\\') {
		return refused(raw, "does not lie inside of the folder")
	}
	if first, _, _ := strings.Cut(name, "/"); strings.HasPrefix(first, staging) {
		return refused(raw, "has a name that is not free")
	}
	if err := u.spend(entryCost); err != nil {
		return err
	}
	switch {
	case hard:
		return refused(raw, "is a hard link")
	case mode.IsDir():
		return u.folder(name)
	case mode&fs.ModeSymlink != 0:
		if !staysInside(name, target) {
			return refused(raw, "is a link that leads out of the folder")
		}
		u.links = append(u.links, linked{name, target})
		return nil
	case mode.IsRegular():
		return u.file(name, mode, content)
	}
	return refused(raw, "is a device, a pipe or a socket")
}

// staysInside holds a link to a form that can be judged without looking: where
// .. comes only at the start, it leaves real folders and nothing else.
func staysInside(name, target string) bool {
	if target == "" || len(target) > maxArchiveName || path.IsAbs(target) || strings.ContainsRune(target, 0) || path.Clean(target) != strings.TrimSuffix(target, "/") {
		return false
	}
	return fs.ValidPath(path.Join(path.Dir(name), target))
}

// spend counts bytes against every bound.
func (u *unpacking) spend(n int64) error {
	if u.done.Bytes > math.MaxInt64-n {
		return ErrArchiveTooLarge
	}
	u.done.Bytes += n
	if u.done.Bytes > maxArchiveBytes {
		return ErrArchiveTooLarge.WithMessage(fmt.Sprintf("The archive unpacks to more than %d GiB.", maxArchiveBytes>>30))
	}
	if u.done.Bytes-int64(u.entries)*entryCost > ratioGrace+maxRatio*u.packed {
		return ErrArchiveTooLarge.WithMessage(fmt.Sprintf("The archive unpacks to more than %d times its size.", maxRatio))
	}
	return u.take(n)
}

func (u *unpacking) folder(name string) error {
	if u.folders[name] {
		return nil
	}
	if err := u.root.MkdirAll(name, 0o755); err != nil {
		return clash(name, err)
	}
	for ; !u.folders[name]; name = path.Dir(name) {
		u.folders[name] = true
	}
	return nil
}

func (u *unpacking) file(name string, mode fs.FileMode, content io.Reader) error {
	if err := u.folder(path.Dir(name)); err != nil {
		return err
	}
	file, err := u.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return clash(name, err)
	}
	_, err = io.Copy(&spending{file, u}, content)
	err = errors.Join(err, file.Chmod(mode.Perm()|0o600), file.Close())
	if err != nil {
		return err
	}
	u.names = append(u.names, name)
	u.done.Files++
	return nil
}

// clash is for an archive that has two things of one name.
func clash(name string, err error) error {
	if e := known(err); errors.Is(e, ErrExists) || errors.Is(e, ErrNoFolder) || errors.Is(e, ErrDirectory) {
		return refused(name, "is there twice")
	}
	return err
}

// spending writes what may be spent.
type spending struct {
	to *os.File
	u  *unpacking
}

func (s *spending) Write(p []byte) (int, error) {
	if err := s.u.spend(int64(len(p))); err != nil {
		return 0, err
	}
	return s.to.Write(p)
}

// counted counts what is read.
type counted struct {
	from io.Reader
	read *int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	*c.read += int64(n)
	return n, err
}

// link makes the links, once no file can be written through one.
func (u *unpacking) link() error {
	for _, l := range u.links {
		if err := u.folder(path.Dir(l.name)); err != nil {
			return err
		}
		if err := u.root.Symlink(l.target, l.name); err != nil {
			return clash(l.name, err)
		}
		u.names = append(u.names, l.name)
		u.done.Files++
	}
	return nil
}

// settleIn gives everything its place, and takes it all back when something has
// none.
func (f *Folder) settleIn(work, into string, u *unpacking) (err error) {
	f.commit.Lock()
	defer f.commit.Unlock()
	var undo []func() error
	defer func() {
		if err == nil {
			return
		}
		for _, step := range slices.Backward(undo) {
			err = errors.Join(err, step())
		}
	}()
	if into != "." {
		made, err := f.makeFolders(into)
		undo = append(undo, made...)
		if err != nil {
			return err
		}
	}
	folders := make([]string, 0, len(u.folders))
	for name := range u.folders {
		folders = append(folders, name)
	}
	slices.Sort(folders) // those above come first
	for _, name := range folders {
		if name == "." {
			continue
		}
		made, err := f.makeFolders(path.Join(into, name))
		undo = append(undo, made...)
		if err != nil {
			return err
		}
	}
	for i, name := range u.names {
		to, from, old := path.Join(into, name), work+"/new/"+name, fmt.Sprintf("%s/old/%d", work, i)
		info, err := f.present(to)
		if err != nil {
			return err
		}
		if info != nil {
			if info.IsDir() {
				return conflict(to, "is a folder")
			}
			if err := f.root.Rename(to, old); err != nil {
				return err
			}
			undo = append(undo, func() error { return f.root.Rename(old, to) })
		}
		if err := f.root.Rename(from, to); err != nil {
			return err
		}
		undo = append(undo, func() error { return f.root.Rename(to, from) })
	}
	return nil
}

// makeFolders makes a folder and those above it; a link in the way is none.
func (f *Folder) makeFolders(name string) (undo []func() error, err error) {
	elements := strings.Split(name, "/")
	for i := range elements {
		at := strings.Join(elements[:i+1], "/")
		info, err := f.present(at)
		switch {
		case err != nil:
			return undo, err
		case info == nil:
			if err := f.root.Mkdir(at, 0o755); err != nil {
				return undo, err
			}
			undo = append(undo, func() error { return f.root.Remove(at) })
		case !info.IsDir():
			return undo, conflict(at, "is no folder")
		}
	}
	return undo, nil
}

func conflict(name, reason string) error {
	return ErrArchiveConflict.WithMessage(fmt.Sprintf("Nothing was unpacked: %.200q %s in the workspace.", strings.ToValidUTF8(name, "\ufffd"), reason))
}
