package codeassist

import (
	"context"
	"strings"
)

const (
	// diffTokens bounds how much of a diff a message is made from, and
	// recentTokens how much of earlier messages.
	diffTokens   = 8000
	recentTokens = 800
)

// CommitRequest asks for the message of a commit.
type CommitRequest struct {
	Diff string
	// Recent are earlier messages, the newest first.
	Recent []string
}

// CommitMessage is a subject, and below an empty line a body if one is needed.
type CommitMessage struct {
	Message string `json:"message"`
	Answer  `json:"-"`
}

// CommitMessage writes the message of what a diff changes.
func (a Assistant) CommitMessage(ctx context.Context, r CommitRequest) (made CommitMessage, err error) {
	diff := head(r.Diff, diffTokens)
	left := recentTokens
	var recent []string
	for _, message := range r.Recent {
		message = strings.TrimSpace(message)
		if left -= tokens(message); left < 0 {
			break
		}
		recent = append(recent, message)
	}
	made.Answer, err = a.structured(ctx, "commit", struct {
		Diff   string
		Cut    bool
		Recent []string
	}{diff, len(diff) < len(r.Diff), recent}, &made)
	made.Message = strings.TrimSpace(withoutFence(made.Message))
	return made, err
}
