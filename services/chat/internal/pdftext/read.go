package pdftext

import (
	"bytes"
	"fmt"

	"github.com/ledongthuc/pdf"

	"atrium.internal/services/chat/internal/attachment"
)

// maxPages bounds the walk over pages, whatever a file says it has.
const maxPages = 5000

// read gives a PDF's text, each page under its number.
func read(data []byte) (text []byte, err error) {
	defer func() {
		if p := recover(); p != nil && err == nil {
			err = fmt.Errorf("malformed: %v", p)
		}
	}()
	data = tidied(data)
	r, err := pdf.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	var all bytes.Buffer
	broken, pages := error(nil), min(r.NumPage(), maxPages)
	for n := 1; n <= pages; n++ {
		page, err := pageText(r.Page(n))
		if err != nil {
			broken = err // the other pages may be well
		}
		if page = bytes.TrimSpace(page); len(page) == 0 {
			continue
		}
		fmt.Fprintf(&all, "[Page %d]\n%s\n", n, page)
		if all.Len() > attachment.MaxText {
			return nil, errFull
		}
	}
	if all.Len() == 0 {
		return nil, broken
	}
	return all.Bytes(), nil
}

// tidied makes a file's first and last line as the library wants them: it knows
// no newer version than 1.7, nor anything after the end. Nothing that counts is
// on those lines.
func tidied(data []byte) []byte {
	const header, end = "%PDF-1.7\n", "%%EOF"
	if i := bytes.LastIndex(data, []byte(end)); i >= 0 && len(data)-i < 2048 {
		data = data[:i+len(end)]
	}
	if len(data) < 100 {
		return data
	}
	return append([]byte(header), data[len(header):]...)
}

// pageText gives what was found until a page turned out to be broken.
func pageText(p pdf.Page) (text []byte, err error) {
	w := writer{}
	defer func() {
		text = w.text.Bytes()
		if p := recover(); p != nil {
			err = fmt.Errorf("malformed page: %v", p)
		}
	}()
	if !p.V.Key("Contents").IsNull() {
		w.walk(p.V.Key("Contents"), p.Resources(), 0)
	}
	return nil, nil
}
