package attachment

import (
	"context"
	"fmt"
	"path"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// Store keeps files; each method sees only those of the given user.
type Store interface {
	// AddAttachment keeps a file, and the text of a PDF, while the user's take at
	// most quota bytes; a repeated call with the same idempotency key gives the
	// one of then. It answers ErrQuota.
	AddAttachment(ctx context.Context, a Attachment, content []byte, text string, quota int64) (Attachment, error)
	// Attachment gives a file, or ErrNotFound.
	Attachment(ctx context.Context, user, id uuid.UUID) (Attachment, []byte, error)
	// Attachments gives those after one, in order of creation.
	Attachments(ctx context.Context, user, after uuid.UUID, limit int) ([]Attachment, error)
	// DeleteAttachment removes a file, or answers ErrNotFound or ErrSent.
	DeleteAttachment(ctx context.Context, user, id uuid.UUID) error
}

// Extractor finds the text of PDFs.
type Extractor interface {
	// Text answers ErrPDFEncrypted, ErrPDFWithoutText, ErrPDFTooLong and
	// ErrPDFUnreadable.
	Text(ctx context.Context, pdf []byte) (string, error)
}

// Limits are in bytes.
type Limits struct {
	// Each is for one file, All for all of one user.
	Each, All int64
}

// Keeper applies the rules of this package.
type Keeper struct {
	store  Store
	pdfs   Extractor
	limits Limits
}

// NewKeeper makes the rules' keeper.
func NewKeeper(store Store, pdfs Extractor, limits Limits) *Keeper {
	return &Keeper{store: store, pdfs: pdfs, limits: limits}
}

// Add keeps a file that is to be sent.
func (k *Keeper) Add(ctx context.Context, user uuid.UUID, name string, content []byte) (Attachment, error) {
	// A name may come with folders, as some systems give it.
	if name = strings.TrimSpace(path.Base(strings.ReplaceAll(name, `\`, "/"))); name == "" || name == "." || name == "/" {
		return Attachment{}, apperr.Invalid("name", "must name a file")
	}
	if int64(len(content)) > k.limits.Each {
		return Attachment{}, ErrTooLarge.WithMetadata("limit", fmt.Sprint(k.limits.Each))
	}
	mediaType, kind, err := Sniff(content)
	if err != nil {
		return Attachment{}, err
	}
	if kind == Text && len(content) > MaxText {
		return Attachment{}, ErrTextTooLong.WithMetadata("limit", fmt.Sprint(MaxText))
	}
	text, size := "", 0
	switch kind {
	case Text:
		size = len(content)
	case PDF:
		if text, err = k.pdfs.Text(ctx, content); err != nil {
			return Attachment{}, err
		}
		size = len(text)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Attachment{}, fmt.Errorf("attachment id: %w", err)
	}
	return k.store.AddAttachment(ctx, Attachment{
		ID: id, UserID: user, Name: name, MediaType: mediaType, Kind: kind, Size: len(content), TextSize: size,
	}, content, text, k.limits.All)
}

// Get gives a file with its content.
func (k *Keeper) Get(ctx context.Context, user, id uuid.UUID) (Attachment, []byte, error) {
	return k.store.Attachment(ctx, user, id)
}

// List gives a page; next is zero on the last one.
func (k *Keeper) List(ctx context.Context, user, after uuid.UUID, limit int) (page []Attachment, next uuid.UUID, err error) {
	page, err = k.store.Attachments(ctx, user, after, limit+1)
	if err != nil || len(page) <= limit {
		return page, uuid.Nil, err
	}
	return page[:limit], page[limit-1].ID, nil
}

// Delete takes back a file that no message has.
func (k *Keeper) Delete(ctx context.Context, user, id uuid.UUID) error {
	return k.store.DeleteAttachment(ctx, user, id)
}
