package grpcapi

import (
	"errors"
	"io"
	"strings"

	"atrium.internal/proto/filechunk"
)

// mostRemarks bounds what is remembered of links and of what was left out.
const mostRemarks = 50_000

// archive writes what it is shown of a volume below a folder. It implements
// driver.Visitor.
type archive struct {
	out    *filechunk.Writer
	folder string
	// allowed is how many bytes may still be written, of all volumes together.
	allowed *int64
	remarks remarks
}

// remarks are what a zip can't say of a volume.
type remarks struct {
	Links   []link    `json:"links"`
	Skipped []skipped `json:"skipped"`
	// More counts those that are not listed.
	More int `json:"more"`
}

type link struct {
	Name   string `json:"name"`
	Target string `json:"target"`
}

type skipped struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

func newArchive(out *filechunk.Writer, folder string, allowed *int64) *archive {
	return &archive{out: out, folder: folder, allowed: allowed, remarks: remarks{Links: []link{}, Skipped: []skipped{}}}
}

// close writes the remarks, beside the files.
func (a *archive) close() error { return a.out.JSON(a.folder+"links-and-skipped.json", a.remarks) }

// File writes a regular file.
func (a *archive) File(name string, size int64, content io.Reader) error {
	path := a.folder + "files/" + clean(name)
	if !filechunk.Valid(path) {
		return a.Skipped(name, "its name is too long")
	}
	if size > *a.allowed {
		return a.Skipped(name, "the files are larger than the plan's storage")
	}
	if err := a.out.Begin(path); err != nil {
		return err
	}
	source := &source{Reader: content}
	written, err := io.Copy(a.out, source)
	*a.allowed -= written
	if source.err != nil { // the disk's fault; the rest may still be had
		return a.Skipped(name, "only a part of it could be read")
	}
	return err
}

// Link notes a link.
func (a *archive) Link(name, target string) error {
	if a.room() {
		a.remarks.Links = append(a.remarks.Links, link{Name: clean(name), Target: clean(target)})
	}
	return nil
}

// Skipped notes what is left out.
func (a *archive) Skipped(name, reason string) error {
	if a.room() {
		a.remarks.Skipped = append(a.remarks.Skipped, skipped{Name: clean(name), Reason: reason})
	}
	return nil
}

func (a *archive) room() bool {
	if len(a.remarks.Links)+len(a.remarks.Skipped) < mostRemarks {
		return true
	}
	a.remarks.More++
	return false
}

// clean makes each element of a path fit for other systems.
func clean(path string) string {
	elements := strings.Split(path, "/")
	for i, element := range elements {
		elements[i] = filechunk.Name(element)
	}
	return strings.Join(elements, "/")
}

// source remembers why reading ended.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
