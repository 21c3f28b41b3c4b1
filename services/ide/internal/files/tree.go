package files

import (
	"context"
	"io"
	"time"
)

// Tree is what can be done with a project's folder: a Folder does it here, package
// remote where the files are. It is for one goroutine.
type Tree interface {
	List(name string) (entries []Entry, truncated bool, err error)
	Search(ctx context.Context, words []string, limit int) (found []Found, truncated bool, err error)
	Open(name string) (io.ReadCloser, Version, error)
	Write(name string, c Condition, content io.Reader) (Version, error)
	MakeDirectory(name string) (Entry, error)
	Move(from, to string, overwrite bool) (Entry, error)
	Delete(name string, recursive bool, c Condition) error
	Has(name string) error
	Pack(name string, format Format, out io.Writer) error
	Unpack(into string, content io.Reader, take func(int64) error) (Unpacked, error)
	Sweep(ctx context.Context, before time.Time) error
}

var _ Tree = (*Folder)(nil)
