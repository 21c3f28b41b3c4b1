// Package page makes and reads page tokens. A token is a list's cursor with a
// keyed hash over it, its owner and its list, so that a token of somebody else
// or a made-up one is refused.
package page

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// Sizes of a page, in items.
const (
	DefaultSize = 50
	MaxSize     = 200
)

// ErrToken refuses a token that this codec did not make for this list.
var ErrToken = apperr.New(apperr.InvalidArgument, "PAGE_TOKEN_INVALID",
	"pageToken: not a token of this list").WithField("pageToken", "not a token of this list")

// Codec makes and reads page tokens.
type Codec struct{ secret []byte }

// New returns a codec; secret is a key of at least 16 bytes that all replicas
// of a service share.
func New(secret []byte) *Codec { return &Codec{secret: secret} }

// Encode makes the token of a cursor in a user's list. The cursor must be
// encodable as JSON.
func (c *Codec) Encode(owner uuid.UUID, list string, cursor any) string {
	body, err := json.Marshal(cursor)
	if err != nil {
		panic("page: cursor is not encodable: " + err.Error()) // a programming error
	}
	return base64.RawURLEncoding.EncodeToString(append(c.sum(owner, list, body), body...))
}

// Decode reads a token into cursor, or answers ErrToken. An empty token leaves
// the cursor as it is.
func (c *Codec) Decode(token string, owner uuid.UUID, list string, cursor any) error {
	if token == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < sha256.Size {
		return ErrToken
	}
	sum, body := raw[:sha256.Size], raw[sha256.Size:]
	if !hmac.Equal(sum, c.sum(owner, list, body)) {
		return ErrToken
	}
	if err := json.Unmarshal(body, cursor); err != nil {
		return ErrToken.WithCause(err)
	}
	return nil
}

func (c *Codec) sum(owner uuid.UUID, list string, body []byte) []byte {
	mac := hmac.New(sha256.New, c.secret)
	mac.Write(owner[:])
	mac.Write([]byte(list))
	mac.Write([]byte{0})
	mac.Write(body)
	return mac.Sum(nil)
}

// Size is how many items to give for a requested page size: the default for 0,
// never more than the maximum.
func Size(requested int32) int {
	switch {
	case requested <= 0:
		return DefaultSize
	case requested > MaxSize:
		return MaxSize
	}
	return int(requested)
}
