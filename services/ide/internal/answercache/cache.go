package answercache

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/ide/internal/codeassist"
)

// Key names a question of a user.
type Key struct {
	User   uuid.UUID
	Digest [sha256.Size]byte
}

// Entry is an answer as it is kept.
type Entry struct {
	Text      string
	RequestID string
	Cut       bool
}

// Store keeps answers for a time, some for each user.
type Store interface {
	// Get gives an answer; ok is false when there is none, and when the store
	// is away.
	Get(ctx context.Context, k Key) (e Entry, ok bool)
	// Put keeps an answer if it can.
	Put(ctx context.Context, k Key, e Entry)
}

// Observer is told of each question that may be repeated: "hit" from the
// store, "shared" with one that was being answered, or "miss".
type Observer func(ctx context.Context, source, outcome string)

// Model answers from the store where it can, and else by the next model.
type Model struct {
	next    codeassist.Model
	store   Store
	observe Observer
	flights flights
}

// New puts a store before a model.
func New(next codeassist.Model, store Store, observe Observer) *Model {
	return &Model{next: next, store: store, observe: observe, flights: flights{running: map[Key]*flight{}}}
}

// Generate hands the answer to each: all at once when it was given before, else
// as it is written.
func (m *Model) Generate(ctx context.Context, p codeassist.Prompt, each func(string) error) (codeassist.Answer, error) {
	caller, signedIn := principal.From(ctx)
	if !p.Repeatable || !signedIn {
		return m.next.Generate(ctx, p, each)
	}
	key := Key{User: caller.UserID, Digest: digest(p)}
	if kept, ok := m.store.Get(ctx, key); ok {
		m.observe(ctx, p.Source, "hit")
		return codeassist.Answer{RequestID: kept.RequestID, Cut: kept.Cut, Cached: true}, each(kept.Text)
	}
	f, first := m.flights.join(ctx, key, func(ctx context.Context, f *flight) { m.run(ctx, key, p, f) })
	defer m.flights.leave(key, f)
	if first {
		m.observe(ctx, p.Source, "miss")
	} else {
		m.observe(ctx, p.Source, "shared")
	}
	answer, err := f.follow(ctx, each)
	answer.Cached = !first && err == nil
	return answer, err
}

// run answers a question by the next model and keeps what came to its end.
func (m *Model) run(ctx context.Context, key Key, p codeassist.Prompt, f *flight) {
	answer, err := m.next.Generate(ctx, p, f.add)
	text := f.finish(answer, err)
	if err == nil {
		m.store.Put(context.WithoutCancel(ctx), key, Entry{Text: text, RequestID: answer.RequestID, Cut: answer.Cut})
	}
}

// Wait returns when no question is being answered; nobody may ask any more.
func (m *Model) Wait() { m.flights.ended.Wait() }

// digest is the same for the same question only: every part goes in with its
// length.
func digest(p codeassist.Prompt) (sum [sha256.Size]byte) {
	parts := append([]string{p.Source, p.System, p.User, p.Schema, strconv.Itoa(int(p.MaxTokens)), strconv.FormatBool(p.Exact)}, p.Stop...)
	hash := sha256.New()
	for _, part := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		hash.Write(length[:])
		hash.Write([]byte(part))
	}
	hash.Sum(sum[:0])
	return sum
}
