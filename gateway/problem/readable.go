package problem

import "strings"

// readable makes a parser's complaint fit for a person.
func readable(message string) string {
	message = strings.ReplaceAll(message, "\u00a0", " ") // protojson varies its spaces on purpose
	message = strings.TrimSpace(strings.TrimPrefix(message, "proto:"))
	if message == "" || message == "EOF" || message == "unexpected EOF" {
		return "The request has no complete JSON body."
	}
	const most = 300
	if len(message) > most {
		message = strings.ToValidUTF8(message[:most], "") + "…"
	}
	return "The request could not be read: " + message
}
