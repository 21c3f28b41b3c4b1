package codeassist

import (
	"fmt"
	"math"
	"unicode/utf16"
	"unicode/utf8"

	"atrium.internal/pkg/apperr"
)

// Cursor is a place in code, as editors count: in UTF-16 code units.
type Cursor struct {
	// Line counts from 0; -1 when Character counts from the start of the code.
	Line, Character int
}

// Offset is the cursor that many units from the start of the code.
func Offset(character float64) (Cursor, error) {
	if !isIndex(character) {
		return Cursor{}, badCursor("not a whole number from 0 on")
	}
	return Cursor{Line: -1, Character: int(character)}, nil
}

// Position is the cursor at a character of a line, both from 0.
func Position(line, character float64) (Cursor, error) {
	if !isIndex(line) || !isIndex(character) {
		return Cursor{}, badCursor("line and character must be whole numbers from 0 on")
	}
	return Cursor{Line: int(line), Character: int(character)}, nil
}

func isIndex(n float64) bool { return n >= 0 && n <= math.MaxInt32 && n == math.Trunc(n) }

func badCursor(problem string) error { return apperr.Invalid("cursor", problem) }

// ErrCursorShape refuses a cursor of another type.
var ErrCursorShape = badCursor("neither a number nor an object of line and character")

// split cuts the code at the cursor.
func (c Cursor) split(code string) (before, after string, err error) {
	start, end := 0, len(code)
	if c.Line >= 0 {
		if start, end, err = line(code, c.Line); err != nil {
			return "", "", err
		}
	}
	offset, ok := byteOffset(code[start:end], c.Character)
	if !ok {
		return "", "", badCursor(fmt.Sprintf("character %d is not in the text", c.Character))
	}
	return code[:start+offset], code[start+offset:], nil
}

// line gives where a line begins and ends, without its line break.
func line(code string, wanted int) (start, end int, err error) {
	number := 0
	for i := range len(code) {
		if code[i] != '\n' {
			continue
		}
		if number == wanted {
			return start, trimCR(code, start, i), nil
		}
		number++
		start = i + 1
	}
	if number != wanted {
		return 0, 0, badCursor(fmt.Sprintf("line %d is not in the text", wanted))
	}
	return start, len(code), nil
}

func trimCR(code string, start, end int) int {
	if end > start && code[end-1] == '\r' {
		return end - 1
	}
	return end
}

// byteOffset finds the byte at which a number of UTF-16 units has passed; ok is
// false beyond the end and inside a surrogate pair.
func byteOffset(text string, units int) (offset int, ok bool) {
	for offset < len(text) && units > 0 {
		r, size := utf8.DecodeRuneInString(text[offset:])
		units -= max(utf16.RuneLen(r), 1)
		offset += size
	}
	return offset, units == 0
}
