package eventlog

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"atrium.internal/services/chat/internal/turn"
)

// retention is how long a log stays after its end, and abandoned how long one
// stays whose writer died and that nobody closed.
const (
	retention = 10 * time.Minute
	abandoned = 2 * time.Hour
)

// Names of the one field of an entry, which is also its kind.
const (
	fieldStart = "s"
	fieldDelta = "d"
	fieldUsage = "u"
	fieldEnd   = "e"
)

// key is the stream of an answer; the braces keep it on one cluster node.
func key(answer uuid.UUID) string { return "atrium:chat:log:{" + answer.String() + "}" }

func entryID(seq int64) string { return strconv.FormatInt(seq, 10) + "-0" }

func encode(e turn.Event) []any {
	switch e.Kind {
	case turn.Delta:
		return []any{fieldDelta, e.Text}
	case turn.Usage:
		text, err := json.Marshal(e.Usage)
		if err != nil {
			panic(err) // three numbers
		}
		return []any{fieldUsage, text}
	case turn.End:
		return []any{fieldEnd, ""}
	}
	return []any{fieldStart, ""}
}

func decode(m redis.XMessage) (turn.Event, error) {
	number, _, _ := strings.Cut(m.ID, "-")
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return turn.Event{}, fmt.Errorf("log entry %q has no number", m.ID)
	}
	e := turn.Event{Seq: seq}
	for name, value := range m.Values {
		text, _ := value.(string)
		switch name {
		case fieldStart:
			e.Kind = turn.Start
		case fieldDelta:
			e.Kind, e.Text = turn.Delta, text
		case fieldUsage:
			e.Kind = turn.Usage
			if err := json.Unmarshal([]byte(text), &e.Usage); err != nil {
				return turn.Event{}, fmt.Errorf("log entry %s: %w", m.ID, err)
			}
		case fieldEnd:
			e.Kind = turn.End
		}
	}
	return e, nil
}
