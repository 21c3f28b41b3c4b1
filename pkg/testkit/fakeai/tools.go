package fakeai

import (
	"encoding/json"
	"fmt"
)

// Image is a picture in a question, decoded.
type Image struct {
	MediaType string
	Data      []byte
}

// ToolUse is a function's call, in a question's history or scripted as an
// answer's. Input is JSON.
type ToolUse struct{ ID, Name, Input string }

// ToolResult is what a function answered.
type ToolResult struct {
	ID, Text string
	Images   []Image
	IsError  bool
}

// imageTokens is what the fake counts for an image.
const imageTokens = 85

// tools checks that the answers to a message's tools come right after it, as
// both real services do.
func (q Question) tools() error {
	var open map[string]bool
	for i, m := range q.Messages {
		for _, r := range m.ToolResults {
			if !open[r.ID] {
				return fmt.Errorf("messages.%d: unexpected tool result %q: it answers no tool use in the message before", i, r.ID)
			}
			delete(open, r.ID)
		}
		for id := range open {
			return fmt.Errorf("messages.%d: tool use %q was not answered right after it", i, id)
		}
		open = map[string]bool{}
		for _, u := range m.ToolUses {
			if u.ID == "" || u.Name == "" || !json.Valid([]byte(u.Input)) {
				return fmt.Errorf("messages.%d: a tool use is not whole", i)
			}
			open[u.ID] = true
		}
	}
	return nil
}

// called counts the tokens of tools' uses.
func called(uses []ToolUse) (total int64) {
	for _, u := range uses {
		total += Tokens(u.Name + u.Input)
	}
	return total
}

// halves cuts JSON as streams do, anywhere.
func halves(input string) []string {
	middle := len(input) / 2
	return []string{input[:middle], input[middle:]}
}
