package pdftest

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// File is a PDF in the making.
type File struct {
	// Objects by number, from 1.
	Objects []string
	// Trailer is more entries of the trailer.
	Trailer string
}

// Add adds an object.
func (f *File) Add(object string) (number int) {
	f.Objects = append(f.Objects, object)
	return len(f.Objects)
}

// Stream adds a compressed stream with more entries of its dictionary.
func (f *File) Stream(t *testing.T, entries string, content []byte) int {
	t.Helper()
	var packed bytes.Buffer
	z, err := zlib.NewWriterLevel(&packed, zlib.BestCompression)
	require.NoError(t, err)
	_, err = z.Write(content)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return f.Add(fmt.Sprintf("<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream", packed.Len(), entries, packed.String()))
}

// Bytes writes the file with a page for each stream of operators.
func (f *File) Bytes(resources string, streams ...int) []byte {
	pages := len(f.Objects) + 1
	var kids []string
	f.Add("") // the pages' place
	for _, s := range streams {
		n := f.Add(fmt.Sprintf("<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Resources << %s >> /Contents %d 0 R >>", pages, resources, s))
		kids = append(kids, fmt.Sprintf("%d 0 R", n))
	}
	f.Objects[pages-1] = fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(kids), strings.Join(kids, " "))
	root := f.Add(fmt.Sprintf("<< /Type /Catalog /Pages %d 0 R >>", pages))
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(f.Objects))
	for i, object := range f.Objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	xref := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, root, f.Trailer, xref)
	return out.Bytes()
}

// Helvetica is a page's resources with the font F1.
const Helvetica = "/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >> >>"

// Paper is a PDF with a page for each text.
func Paper(t *testing.T, pages ...string) []byte {
	t.Helper()
	var f File
	var streams []int
	for _, text := range pages {
		streams = append(streams, f.Stream(t, "", []byte(text)))
	}
	return f.Bytes(Helvetica, streams...)
}
