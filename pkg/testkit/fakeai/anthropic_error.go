package fakeai

import (
	"fmt"
	"net/http"
)

// anthropicErrorWords is the error type and message that go with a status.
func anthropicErrorWords(status int, script Script) (kind, message string) {
	kinds := map[int]string{
		400: "invalid_request_error", 401: "authentication_error", 403: "permission_error",
		404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error",
		500: "api_error", 504: "timeout_error", 529: "overloaded_error",
	}
	kind, message = kinds[status], http.StatusText(status)
	if kind == "" {
		kind = "api_error"
	}
	if status == 529 {
		message = "Overloaded"
	}
	if script.ErrorType != "" {
		kind = script.ErrorType
	}
	if script.ErrorMessage != "" {
		message = script.ErrorMessage
	}
	return kind, message
}

func anthropicErrorBody(kind, message string) map[string]any {
	return map[string]any{
		"type": "error", "error": map[string]any{"type": kind, "message": message}, "request_id": "req_fake",
	}
}

func anthropicError(w http.ResponseWriter, call *Call, status int, script Script) {
	call.set(func(c *Call) { c.status = status })
	w.Header().Set("request-id", "req_fake")
	setRetryAfter(w, script)
	kind, message := anthropicErrorWords(status, script)
	writeJSON(w, status, anthropicErrorBody(kind, message))
}

func setRetryAfter(w http.ResponseWriter, script Script) {
	if script.RetryAfter > 0 {
		w.Header().Set("Retry-After", fmt.Sprintf("%d", int64(script.RetryAfter.Seconds())))
	}
}
