package pdftext

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"atrium.internal/services/chat/internal/attachment"
)

const (
	// patience is how long one PDF may take, waiting for the processor included.
	patience = 20 * time.Second
	// atOnce is how many are read at the same time.
	atOnce = 2
)

// Extractor implements attachment.Extractor.
type Extractor struct{ places chan struct{} }

// New makes an extractor.
func New() *Extractor { return &Extractor{places: make(chan struct{}, atOnce)} }

// Text gives the text of a PDF, page by page. It answers
// attachment.ErrPDFEncrypted, ErrPDFWithoutText, ErrPDFTooLong and
// ErrPDFUnreadable.
func (e *Extractor) Text(ctx context.Context, pdf []byte) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case e.places <- struct{}{}:
		defer func() { <-e.places }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	var out bytes.Buffer
	child := exec.CommandContext(ctx, self)
	child.Args = []string{childName}
	child.Env = []string{} // none of the platform's settings
	child.Dir = "/"
	child.Stdin = bytes.NewReader(pdf)
	child.Stdout = &limited{to: &out, left: attachment.MaxText + 1}
	child.WaitDelay = time.Second
	return told(ctx, child.Run(), out.String())
}

// told turns how the child ended into a text or a refusal.
func told(ctx context.Context, err error, text string) (string, error) {
	var ended *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return "", ctx.Err()
	case err == nil && len(text) > attachment.MaxText, errors.Is(err, errFull):
		return "", attachment.ErrPDFTooLong
	case err == nil && strings.TrimSpace(text) == "":
		return "", attachment.ErrPDFWithoutText
	case err == nil:
		return strings.ToValidUTF8(text, "\uFFFD"), nil
	case errors.As(err, &ended) && ended.ExitCode() == exitEncrypted:
		return "", attachment.ErrPDFEncrypted
	case errors.As(err, &ended) && ended.ExitCode() == exitTooLong:
		return "", attachment.ErrPDFTooLong
	case errors.As(err, &ended), ctx.Err() != nil: // given up, or ended by a limit
		return "", attachment.ErrPDFUnreadable
	}
	return "", fmt.Errorf("read a PDF: %w", err)
}

var errFull = errors.New("more text than a message takes")

// limited takes only so many bytes.
type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		return 0, errFull
	}
	l.left -= len(p)
	return l.to.Write(p)
}
