package pgstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
)

// The places of what is sealed. A message's row says nothing about its
// conversation: who could move rows about could only move whole messages of
// one user.
func titleOf(conv uuid.UUID) seal.Place {
	return seal.Place{Table: "chat_conversations", Column: "title", Row: conv}
}

func metadataOf(conv uuid.UUID) seal.Place {
	return seal.Place{Table: "chat_conversations", Column: "metadata", Row: conv}
}

func systemPromptOf(conv uuid.UUID) seal.Place {
	return seal.Place{Table: "chat_conversations", Column: "system_prompt", Row: conv}
}

func contentOf(message uuid.UUID) seal.Place {
	return seal.Place{Table: "chat_messages", Column: "content", Row: message}
}

func detailsOf(message uuid.UUID) seal.Place {
	return seal.Place{Table: "chat_messages", Column: "metadata", Row: message}
}

// sealText seals what somebody wrote. U+0000 is refused, as in every other text
// of the platform: no model and no database takes it.
func sealText(key *seal.Key, at seal.Place, text string) ([]byte, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return nil, pgdb.ErrText
	}
	return key.Seal(at, []byte(text)), nil
}

func openText(key *seal.Key, at seal.Place, sealed []byte) (string, error) {
	text, err := key.Open(at, sealed)
	return string(text), err
}

// sealOptional seals a text that may be none, which is null.
func sealOptional(key *seal.Key, at seal.Place, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	return sealText(key, at, text)
}

func openOptional(key *seal.Key, at seal.Place, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	return openText(key, at, sealed)
}

// unreadable tells what can't be opened from other failures.
func unreadable(errs ...error) (bool, error) {
	unreadable := false
	for _, err := range errs {
		if err != nil && !errors.Is(err, seal.ErrUnreadable) {
			return false, err
		}
		unreadable = unreadable || err != nil
	}
	return unreadable, nil
}

// sealMap seals metadata as JSON; none is null.
func sealMap(key *seal.Key, at seal.Place, m map[string]any) ([]byte, error) {
	if len(m) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode metadata: %w", err)
	}
	if strings.Contains(string(text), `\u0000`) {
		return nil, pgdb.ErrText
	}
	return key.Seal(at, text), nil
}

func openMap(key *seal.Key, at seal.Place, sealed []byte) (map[string]any, error) {
	if sealed == nil {
		return map[string]any{}, nil
	}
	text, err := key.Open(at, sealed)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("decode metadata: %w", err)
	}
	return m, nil
}
