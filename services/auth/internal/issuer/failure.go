package issuer

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"golang.org/x/oauth2"
)

// longest bounds what the log takes of a provider's error, in bytes.
const longest = 300

// awayError is a failure to find out about a provider at all.
type awayError struct{ cause error }

// Error gives the cause.
func (e awayError) Error() string { return e.cause.Error() }

// Unwrap gives the cause.
func (e awayError) Unwrap() error { return e.cause }

// isAway tells a provider that doesn't answer from one that refuses.
func isAway(err error) bool {
	var away awayError
	var unreachable *url.Error
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) {
		return answer.Response != nil && answer.Response.StatusCode >= http.StatusInternalServerError
	}
	return errors.As(err, &away) || errors.As(err, &unreachable)
}

// described is a text for the log. A provider's answer to a code may hold
// tokens, so only its error code is kept.
func described(err error) string {
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) {
		status := 0
		if answer.Response != nil {
			status = answer.Response.StatusCode
		}
		return cut(fmt.Sprintf("the token endpoint answered %d %s", status, answer.ErrorCode))
	}
	return cut(err.Error())
}

func cut(text string) string {
	if len(text) > longest {
		return text[:longest]
	}
	return text
}
