package redisstore

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/ide/internal/answercache"
)

const (
	// slots is how many answers are kept of a user: a new one takes the place
	// of whichever has its slot.
	slots = 256
	// longestAnswer is the longest that is kept, in bytes.
	longestAnswer = 64 << 10
	// answerTimeout bounds the wait for Redis; without it the model is asked.
	answerTimeout = time.Second
)

// Answers keeps answers of models for a time, sealed for their user.
type Answers struct {
	Client *redis.Client
	// Key is this purpose's own, 32 bytes.
	Key []byte
	For time.Duration
}

func answerKey(k answercache.Key) string {
	return "ide:answer:{" + k.User.String() + "}:" + strconv.Itoa(int(k.Digest[31])%slots)
}

// box seals for a user, and answerPlace for one question of theirs: what is
// in the slot of another question can't be opened.
func (a Answers) box(user uuid.UUID) *seal.Box {
	return seal.NewBox(keys.Derive(a.Key, "answers of "+user.String()), user)
}

func answerPlace(k answercache.Key) seal.Place {
	return seal.Place{Table: "answer cache", Row: uuid.UUID(k.Digest[:16])}
}

// Get gives the answer to a question, if it is kept.
func (a Answers) Get(ctx context.Context, k answercache.Key) (answercache.Entry, bool) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	sealed, err := a.Client.Get(ctx, answerKey(k)).Bytes()
	if err != nil {
		return answercache.Entry{}, false
	}
	content, err := a.box(k.User).Open(answerPlace(k), sealed)
	if err != nil {
		return answercache.Entry{}, false
	}
	return decodeAnswer(content)
}

// Put keeps an answer; what fails is asked again.
func (a Answers) Put(ctx context.Context, k answercache.Key, e answercache.Entry) {
	if len(e.Text) > longestAnswer {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	_ = a.Client.Set(ctx, answerKey(k), a.box(k.User).Seal(answerPlace(k), encodeAnswer(e)), a.For).Err()
}

// An answer is sealed as whether it was cut, the length of its request's id in
// a byte, that id, and the text.
func encodeAnswer(e answercache.Entry) []byte {
	content := make([]byte, 0, 2+len(e.RequestID)+len(e.Text))
	cut := byte(0)
	if e.Cut {
		cut = 1
	}
	content = append(content, cut, byte(len(e.RequestID)))
	return append(append(content, e.RequestID...), e.Text...)
}

func decodeAnswer(content []byte) (answercache.Entry, bool) {
	if len(content) < 2 || len(content) < 2+int(content[1]) {
		return answercache.Entry{}, false
	}
	id, text := content[2:2+int(content[1])], content[2+int(content[1]):]
	return answercache.Entry{Text: string(text), RequestID: string(id), Cut: content[0] == 1}, true
}
