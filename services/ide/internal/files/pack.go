package files

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"atrium.internal/pkg/apperr"
)

// Format is a kind of archive.
type Format string

// The formats.
const (
	TarGz Format = "tar.gz"
	Zip   Format = "zip"
)

// errCutShort ends an archive whose files change while they are read.
var errCutShort = apperr.New(apperr.Unavailable, "FILE_CHANGED", "A file became shorter while it was read. Try again.")

// Has reports whether a folder is there: nil, or why not.
func (f *Folder) Has(name string) error {
	name, err := orSelf(name)
	if err != nil {
		return err
	}
	folder, err := f.openFolder(name)
	if err != nil {
		return err
	}
	return folder.Close()
}

// Pack writes a folder as an archive: files, folders and links, which are not
// followed. What can't be read, and what is none of these, is left out.
func (f *Folder) Pack(name string, format Format, out io.Writer) error {
	name, err := orSelf(name)
	if err != nil {
		return err
	}
	folder, err := f.openFolder(name)
	if err != nil {
		return err
	}
	defer folder.Close()
	var to packer
	if format == Zip {
		to = &zipPacker{zip.NewWriter(out)}
	} else {
		compressed := gzip.NewWriter(out)
		to = &tarPacker{tar.NewWriter(compressed), compressed}
	}
	err = In(folder, f.commit).pack(to)
	if err != nil {
		return known(err)
	}
	return to.Close()
}

func (f *Folder) pack(to packer) error {
	return fs.WalkDir(f.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return unreadable(entry, err)
		case name == ".":
			return nil
		case strings.HasPrefix(name, staging) && entry.IsDir():
			return fs.SkipDir
		case strings.HasPrefix(path.Base(name), writing):
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return unreadable(entry, err)
		}
		switch {
		case info.IsDir():
			return to.add(name+"/", info, "", nil)
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := f.root.Readlink(name)
			if err != nil {
				return unreadable(entry, err)
			}
			return to.add(name, info, target, nil)
		case info.Mode().IsRegular():
			return f.packFile(to, name, entry)
		}
		return nil
	})
}

func (f *Folder) packFile(to packer, name string, entry fs.DirEntry) error {
	file, _, err := f.open(name)
	if err != nil {
		return unreadable(entry, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return unreadable(entry, err)
	}
	return to.add(name, info, "", io.LimitReader(file, info.Size()))
}

// unreadable forgives what has gone and what its owner has locked.
func unreadable(entry fs.DirEntry, err error) error {
	var ours *apperr.Error
	gone := errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)
	if !gone && !errors.As(err, &ours) {
		return err
	}
	if entry != nil && entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// packer writes one kind of archive. Content is nil for what is no file.
type packer interface {
	add(name string, info fs.FileInfo, target string, content io.Reader) error
	Close() error
}

type tarPacker struct {
	*tar.Writer
	compressed *gzip.Writer
}

func (p *tarPacker) add(name string, info fs.FileInfo, target string, content io.Reader) error {
	kind := byte(tar.TypeReg)
	switch {
	case info.IsDir():
		kind = tar.TypeDir
	case target != "":
		kind = tar.TypeSymlink
	}
	// Nothing of who owns it on this machine.
	header := &tar.Header{Typeflag: kind, Name: name, Linkname: target, Mode: int64(info.Mode().Perm()), ModTime: info.ModTime()}
	if content != nil {
		header.Size = info.Size()
	}
	if err := p.WriteHeader(header); err != nil || content == nil {
		return err
	}
	written, err := io.Copy(p, content)
	if err == nil && written < info.Size() {
		err = errCutShort
	}
	return err
}

func (p *tarPacker) Close() error { return errors.Join(p.Writer.Close(), p.compressed.Close()) }

type zipPacker struct{ *zip.Writer }

func (p *zipPacker) add(name string, info fs.FileInfo, target string, content io.Reader) error {
	header := &zip.FileHeader{Name: name, Modified: info.ModTime(), Method: zip.Deflate}
	header.SetMode(info.Mode())
	if content == nil {
		header.Method = zip.Store
	}
	to, err := p.CreateHeader(header)
	if err != nil {
		return err
	}
	if target != "" {
		content = strings.NewReader(target)
	}
	if content == nil {
		return nil
	}
	_, err = io.Copy(to, content)
	return err
}
