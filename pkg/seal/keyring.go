package seal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"

	"github.com/google/uuid"

	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/reload"
)

// Keyring holds the key-encryption keys of a deployment: the current one, with
// which data keys are wrapped, and others that still open old ones. It is safe
// for use by many goroutines.
type Keyring struct{ lines lines }

// lines gives the deployment's keys, the current one first.
type lines interface {
	Get() []*wrapper
	// Refresh looks at the file again, for a key that is not known.
	Refresh() []*wrapper
}

// OpenKeyring reads the key file, which keys.LoadOrCreate makes, and again when
// it changes: a rotation needs no restart.
func OpenKeyring(log *slog.Logger, path string) (*Keyring, error) {
	value, err := reload.Open(log, parse, path)
	if err != nil {
		return nil, err
	}
	return &Keyring{lines: value}, nil
}

// NewKeyring holds given deployment keys, the current one first.
func NewKeyring(deployment ...[]byte) *Keyring { return &Keyring{lines: fixed(wrappers(deployment))} }

// Current names the key with which data keys are wrapped now.
func (r *Keyring) Current() string { return r.lines.Get()[0].id }

// wrap seals a data key for its holder with the current key.
func (r *Keyring) wrap(secret []byte, h holder) (wrapped []byte, id string) {
	w := r.lines.Get()[0]
	return w.box(h).Seal(h.place(), secret), w.id
}

// unwrap opens what wrap gave.
func (r *Keyring) unwrap(wrapped []byte, id string, h holder) ([]byte, error) {
	w := find(r.lines.Get(), id)
	if w == nil {
		w = find(r.lines.Refresh(), id)
	}
	if w == nil {
		return nil, ErrUnreadable.WithCause(errors.New("ATRIUM_KEY_FILE has no line for key " + id))
	}
	return w.box(h).Open(h.place(), wrapped)
}

// Has reports whether data keys that are wrapped with a key can be opened.
func (r *Keyring) Has(id string) bool {
	return find(r.lines.Get(), id) != nil || find(r.lines.Refresh(), id) != nil
}

// IDs names the keys, the current one first.
func (r *Keyring) IDs() []string {
	var ids []string
	for _, w := range r.lines.Get() {
		ids = append(ids, w.id)
	}
	return ids
}

// holder is whom a data key belongs to: a user in a service, or a purpose of
// the service itself.
type holder struct {
	service string
	user    uuid.UUID
	purpose string
}

func (h holder) place() Place {
	return Place{Table: h.service + "_keys", Column: h.purpose, Row: h.user}
}

// wrapper is one key-encryption key.
type wrapper struct {
	id  string
	key *Box
}

func (w *wrapper) box(h holder) *Box { return &Box{aead: w.key.aead, owner: h.user} }

func wrappers(deployment [][]byte) []*wrapper {
	all := make([]*wrapper, len(deployment))
	for i, line := range deployment {
		key := keys.Derive(line, "key-encryption key")
		sum := sha256.Sum256(append([]byte("id of a key-encryption key\x00"), key...))
		all[i] = &wrapper{id: hex.EncodeToString(sum[:8]), key: NewBox(key, uuid.Nil)}
	}
	return all
}

func find(all []*wrapper, id string) *wrapper {
	for _, w := range all {
		if w.id == id {
			return w
		}
	}
	return nil
}

func parse(files []reload.File) ([]*wrapper, error) {
	if len(files) != 1 {
		return nil, errors.New("key file: it is a folder")
	}
	deployment, err := keys.ParseDeployment(files[0].Path, files[0].Content)
	return wrappers(deployment), err
}

// fixed are keys that never change.
type fixed []*wrapper

func (f fixed) Get() []*wrapper     { return f }
func (f fixed) Refresh() []*wrapper { return f }
