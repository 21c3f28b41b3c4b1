package files

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"time"
)

// Type is what an entry is.
type Type string

// The types.
const (
	File      Type = "file"
	Directory Type = "directory"
	Link      Type = "symlink"
	Other     Type = "other"
)

// Entry is a file, a folder or something else in the workspace.
type Entry struct {
	// Name is its last element, as far as that is UTF-8; Path leads to it from
	// the project's folder.
	Name, Path string
	Type       Type
	// Size is in bytes; 0 for anything but a file.
	Size       int64
	ModifiedAt time.Time
	Mode       fs.FileMode
}

// Version is a file as it is at one moment.
type Version struct {
	Entry
	// Tag is another one after every change.
	Tag string
}

func entry(path string, info fs.FileInfo) Entry {
	path = strings.ToValidUTF8(path, "\ufffd")
	e := Entry{Name: path[strings.LastIndexByte(path, '/')+1:], Path: path, Type: Other, ModifiedAt: info.ModTime(), Mode: info.Mode().Perm()}
	switch mode := info.Mode(); {
	case mode.IsRegular():
		e.Type, e.Size = File, info.Size()
	case mode.IsDir():
		e.Type = Directory
	case mode&fs.ModeSymlink != 0:
		e.Type = Link
	}
	return e
}

func version(path string, info fs.FileInfo) Version {
	return Version{Entry: entry(path, info), Tag: tag(info)}
}

// tag names a version by what the system changes with each write: replacing a
// file gives it another inode, and writing into it another time of change.
func tag(info fs.FileInfo) string {
	var inode uint64
	var changed syscall.Timespec
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		inode, changed = stat.Ino, stat.Ctim
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d %d %d", inode, info.Size(), info.ModTime().UnixNano(), changed.Sec, changed.Nsec))
	return base64.RawURLEncoding.EncodeToString(sum[:15])
}
