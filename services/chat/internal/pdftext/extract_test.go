package pdftext_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/pdftext"
	"atrium.internal/services/chat/internal/pdftext/pdftest"
)

func extract(t *testing.T, pdf []byte) (string, error) {
	t.Helper()
	return pdftext.New().Text(t.Context(), pdf)
}

func TestTheTextOfAPDFIsFoundPageByPage(t *testing.T) {
	text, err := extract(t, pdftest.Paper(t,
		"BT /F1 12 Tf 72 700 Td (Tides rise) Tj 0 -14 Td (and fall, na\xefvely.) Tj ET\n"+
			"BT /F1 12 Tf 1 0 0 1 72 600 Tm [(The) -400 (m) 20 (oon)] TJ 1 0 0 1 200 600 Tm (pulls.) Tj ET",
		"",
		"BT /F1 10 Tf 12 TL 72 700 Td (one) Tj T* (two) Tj (three) ' ET"))
	require.NoError(t, err)
	require.Equal(t, "[Page 1]\nTides rise\nand fall, naïvely.\nThe moon pulls.\n[Page 3]\none\ntwo\nthree\n", text)
}

// As newer word processors and browsers write it: fonts of two-byte codes with a
// map to Unicode, and text in drawings that pages use.
func TestTextInDrawingsAndInWideFontsIsFound(t *testing.T) {
	var f pdftest.File
	unicode := f.Stream(t, "", []byte("/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"+
		"1 begincodespacerange <0000> <FFFF> endcodespacerange\n2 beginbfchar <0001> <4F60> <0002> <597D> endbfchar endcmap end end"))
	wide := fmt.Sprintf("/Font << /F2 << /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode %d 0 R >> >>", unicode)
	drawing := f.Stream(t, "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << "+wide+" >>", []byte("BT /F2 12 Tf 10 10 Td <00010002> Tj ET"))
	page := f.Stream(t, "", []byte("BT /F1 12 Tf 72 700 Td (Hello:) Tj ET /Fm Do"))
	text, err := extract(t, f.Bytes(pdftest.Helvetica+fmt.Sprintf(" /XObject << /Fm %d 0 R >>", drawing), page))
	require.NoError(t, err)
	require.Equal(t, "[Page 1]\nHello:\n你好\n", text)
}

func TestWhatCanNotBeReadIsRefusedWithItsReason(t *testing.T) {
	locked := pdftest.File{Trailer: "/ID [<" + strings.Repeat("ab", 16) + "> <" + strings.Repeat("ab", 16) + ">] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" +
		strings.Repeat("11", 32) + "> /U <" + strings.Repeat("22", 32) + "> >>"}
	text := locked.Stream(t, "", []byte("BT /F1 12 Tf (secret) Tj ET"))
	whole := pdftest.Paper(t, "BT /F1 12 Tf (whole) Tj ET")
	long := "BT /F1 12 Tf (" + strings.Repeat("tides and the moon ", 10_000) + ") Tj ET"
	for name, c := range map[string]struct {
		pdf  []byte
		want error
	}{
		"with a password":   {locked.Bytes(pdftest.Helvetica, text), attachment.ErrPDFEncrypted},
		"pictures of pages": {pdftest.Paper(t, "q 595 0 0 842 0 0 cm /Im1 Do Q"), attachment.ErrPDFWithoutText},
		"cut off":           {whole[:len(whole)/2], attachment.ErrPDFUnreadable},
		"only a header":     {[]byte("%PDF-1.7\n"), attachment.ErrPDFUnreadable},
		"much text":         {pdftest.Paper(t, long, long, long, long, long, long, long), attachment.ErrPDFTooLong},
	} {
		_, err := extract(t, c.pdf)
		require.ErrorIs(t, err, c.want, name)
	}
	newer := bytes.Replace(append(whole, "\r\ntrailing\r\n"...), []byte("%PDF-1.7"), []byte("%PDF-2.0"), 1)
	found, err := extract(t, newer)
	require.NoError(t, err)
	require.Contains(t, found, "whole")
}

// A few kilobytes that would become half a gigabyte, and more when it is put together, and drawings that use each other
// for longer than anybody waits.
func TestABombHarmsOnlyItsOwnProcess(t *testing.T) {
	text := append([]byte("BT /F1 12 Tf ("), make([]byte, 512<<20)...)
	var big pdftest.File
	bomb := big.Bytes(pdftest.Helvetica, big.Stream(t, "", text))
	require.Less(t, len(bomb), 2<<20)
	begin := time.Now()
	_, err := extract(t, bomb)
	require.ErrorIs(t, err, attachment.ErrPDFUnreadable)
	require.Less(t, time.Since(begin), 30*time.Second)

	var loop pdftest.File
	calls := strings.Repeat("/Fm Do ", 1000)
	next := len(loop.Objects) + 1
	drawing := loop.Stream(t, fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /Fm %d 0 R >> >>", next), []byte(calls))
	page := loop.Stream(t, "", []byte(calls))
	pdf := loop.Bytes(fmt.Sprintf("/XObject << /Fm %d 0 R >>", drawing), page)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err = pdftext.New().Text(ctx, pdf)
	require.ErrorIs(t, err, attachment.ErrPDFUnreadable)
}
