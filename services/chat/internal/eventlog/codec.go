package eventlog

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/turn"
)

// retention is how long a log stays after its end, and abandoned how long one
// stays whose writer died and that nobody closed.
const (
	retention = 10 * time.Minute
	abandoned = 2 * time.Hour
)

// sealed is the one field of an entry.
const sealed = "x"

// The first byte of what is sealed is the event's kind; the rest is its text,
// or its usage as JSON.
const (
	kindStart = 's'
	kindDelta = 'd'
	kindUsage = 'u'
	kindEnd   = 'e'
)

// key is the stream of an answer; the braces keep it on one cluster node.
func key(answer uuid.UUID) string { return "atrium:chat:log:{" + answer.String() + "}" }

func entryID(seq int64) string { return strconv.FormatInt(seq, 10) + "-0" }

// Keys gives the data keys of users.
type Keys interface {
	Of(ctx context.Context, user uuid.UUID) (*seal.Key, error)
}

// codec seals the events of one answer, each for its number.
type codec struct{ box *seal.Box }

// codec gives the codec of an answer, which its reader or writer keeps.
func (h *Hub) codec(ctx context.Context, a turn.Answer) (codec, error) {
	key, err := h.keys.Of(ctx, a.Owner)
	if err != nil {
		return codec{}, err
	}
	return codec{key.For("answer log " + a.ID.String())}, nil
}

func place(seq int64) seal.Place {
	at := seal.Place{Table: "answer log"}
	binary.BigEndian.PutUint64(at.Row[8:], uint64(seq))
	return at
}

func (c codec) encode(e turn.Event) []any {
	content := make([]byte, 0, 1+max(len(e.Text), 64))
	switch e.Kind {
	case turn.Delta:
		content = append(append(content, kindDelta), e.Text...)
	case turn.Usage:
		text, err := json.Marshal(e.Usage)
		if err != nil {
			panic(err) // three numbers
		}
		content = append(append(content, kindUsage), text...)
	case turn.End:
		content = append(content, kindEnd)
	default:
		content = append(content, kindStart)
	}
	return []any{sealed, c.box.Seal(place(e.Seq), content)}
}

// decode opens an entry. One that was not sealed for its number in this log is
// seal.ErrUnreadable.
func (c codec) decode(m redis.XMessage) (turn.Event, error) {
	number, _, _ := strings.Cut(m.ID, "-")
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return turn.Event{}, fmt.Errorf("log entry %q has no number", m.ID)
	}
	text, _ := m.Values[sealed].(string)
	content, err := c.box.Open(place(seq), []byte(text))
	if err != nil || len(content) == 0 {
		return turn.Event{}, seal.ErrUnreadable
	}
	e := turn.Event{Seq: seq}
	switch content[0] {
	case kindStart:
		e.Kind = turn.Start
	case kindDelta:
		e.Kind, e.Text = turn.Delta, string(content[1:])
	case kindUsage:
		e.Kind = turn.Usage
		if err := json.Unmarshal(content[1:], &e.Usage); err != nil {
			return turn.Event{}, fmt.Errorf("log entry %s: %w", m.ID, err)
		}
	case kindEnd:
		e.Kind = turn.End
	}
	return e, nil
}
