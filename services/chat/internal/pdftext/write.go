package pdftext

import (
	"bytes"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
)

// maxDepth is how deep drawings may stand in drawings.
const maxDepth = 8

// A gap of wordGap of the font's size is between words; a step of lineStep of
// it up or down begins another line.
const (
	wordGap  = 0.2
	lineStep = 0.4
)

// writer follows a page's operators and writes down its text in the order in
// which it is drawn. PDFs place letters; spaces and lines are told from places.
type writer struct {
	text bytes.Buffer
	state
	// endX and y are where the last text ended; begun says that there is one.
	endX, y float64
	begun   bool
}

// state is the text state as the PDF reference has it (9.3).
type state struct {
	font                 *font
	size, leading, scale float64
	letter, word         float64 // spacing
	matrix, line         matrix
}

// matrix is [a b c d e f].
type matrix [6]float64

func (m matrix) moved(x, y float64) matrix {
	m[4], m[5] = x*m[0]+y*m[2]+m[4], x*m[1]+y*m[3]+m[5]
	return m
}

// font is one with its encoding, which is costly to find.
type font struct {
	pdf.Font
	enc pdf.TextEncoding
	// wide says that codes have two bytes, whose widths the library can't tell,
	// and mute that there is no telling what its codes mean.
	wide, mute bool
}

func newFont(v pdf.Value) *font {
	f := &font{Font: pdf.Font{V: v}, wide: v.Key("Subtype").Name() == "Type0"}
	f.mute = v.IsNull() || f.wide && v.Key("ToUnicode").IsNull() && strings.HasPrefix(v.Key("Encoding").Name(), "Identity")
	f.enc = f.Encoder()
	return f
}

// walk follows one stream of operators with its resources.
func (w *writer) walk(stream, resources pdf.Value, depth int) {
	fonts := map[string]*font{}
	w.matrix, w.line, w.scale = matrix{1, 0, 0, 1, 0, 0}, matrix{1, 0, 0, 1, 0, 0}, 1
	pdf.Interpret(stream, func(stack *pdf.Stack, op string) {
		args := make([]pdf.Value, stack.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stack.Pop()
		}
		switch {
		case op == "Tf" && len(args) == 2:
			name := args[0].Name()
			if fonts[name] == nil {
				fonts[name] = newFont(resources.Key("Font").Key(name))
			}
			w.font, w.size = fonts[name], args[1].Float64()
		case op == "Do" && len(args) == 1 && depth < maxDepth:
			if form := resources.Key("XObject").Key(args[0].Name()); form.Key("Subtype").Name() == "Form" {
				before := w.state
				w.walk(form, form.Key("Resources"), depth+1)
				w.state = before
			}
		default:
			w.place(op, args)
		}
	})
}

// place follows the operators that move and show text.
func (w *writer) place(op string, args []pdf.Value) {
	number := func(i int) float64 {
		if i >= len(args) {
			return 0
		}
		return args[i].Float64()
	}
	switch op {
	case "BT":
		w.matrix, w.line = matrix{1, 0, 0, 1, 0, 0}, matrix{1, 0, 0, 1, 0, 0}
	case "TL":
		w.leading = number(0)
	case "Tc":
		w.letter = number(0)
	case "Tw":
		w.word = number(0)
	case "Tz":
		w.scale = number(0) / 100
	case "Td":
		w.move(number(0), number(1))
	case "TD":
		w.leading = -number(1)
		w.move(number(0), number(1))
	case "Tm":
		for i := range w.line {
			w.line[i] = number(i)
		}
		w.matrix = w.line
	case "T*":
		w.move(0, -w.leading)
	case "'", `"`:
		w.move(0, -w.leading)
		w.show(args)
	case "Tj":
		w.show(args)
	case "TJ":
		if len(args) == 1 {
			w.showSpaced(args[0])
		}
	}
}

func (w *writer) move(x, y float64) {
	w.line = w.line.moved(x, y)
	w.matrix = w.line
}

// show writes the last argument.
func (w *writer) show(args []pdf.Value) {
	if len(args) > 0 {
		w.write(args[len(args)-1].RawString())
	}
}

// showSpaced writes texts with the steps between them.
func (w *writer) showSpaced(parts pdf.Value) {
	for i := range parts.Len() {
		if part := parts.Index(i); part.Kind() == pdf.String {
			w.write(part.RawString())
		} else {
			w.matrix = w.matrix.moved(-part.Float64()/1000*w.size*w.scale, 0)
		}
	}
}

func (w *writer) write(raw string) {
	if w.font == nil || raw == "" {
		return
	}
	decoded := ""
	if !w.font.mute {
		decoded = readable(w.font.enc.Decode(raw))
	}
	w.separate()
	w.text.WriteString(decoded)
	w.matrix = w.matrix.moved(w.width(raw, decoded), 0)
	w.endX, w.y, w.begun = w.matrix[4], w.matrix[5], true
	if w.text.Len() > maxPage {
		panic("a page with too much text")
	}
}

// maxPage is how much text one page may have, in bytes.
const maxPage = 4 << 20

// separate begins another line or word when the text goes on elsewhere.
func (w *writer) separate() {
	em := math.Abs(w.size) * math.Hypot(w.matrix[0], w.matrix[1])
	if !w.begun || w.text.Len() == 0 || em == 0 {
		return
	}
	x, y := w.matrix[4], w.matrix[5]
	last, _ := utf8.DecodeLastRune(w.text.Bytes())
	switch {
	case math.Abs(y-w.y) > lineStep*em:
		w.text.WriteByte('\n')
	case (x > w.endX+wordGap*em || x < w.endX-em) && !unicode.IsSpace(last):
		w.text.WriteByte(' ')
	}
}

// width is how far a text moves what comes after it; half the size for a letter
// whose own width is not known.
func (w *writer) width(raw, decoded string) float64 {
	if w.font.wide {
		return float64(utf8.RuneCountInString(decoded)) * (w.size/2 + w.letter) * w.scale
	}
	total := 0.0
	for i := range len(raw) {
		width := w.font.Width(int(raw[i])) / 1000 * w.size
		if width == 0 {
			width = w.size / 2
		}
		if total += width + w.letter; raw[i] == ' ' {
			total += w.word
		}
	}
	return total * w.scale
}

// readable drops what no person would have written.
func readable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r) && r != '\t':
			return -1
		case r == '\u00A0':
			return ' '
		}
		return r
	}, text)
}
