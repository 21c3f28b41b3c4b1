package anthropic

import (
	"net/http"

	"atrium.internal/gateway/problem"
)

// failure is an error as the format has it. Reason is the platform's own word,
// which clients of the format leave alone.
type failure struct {
	Type      string       `json:"type"`
	Error     failureWords `json:"error"`
	RequestID string       `json:"request_id"`
}

type failureWords struct {
	Type     string            `json:"type"`
	Message  string            `json:"message"`
	Reason   string            `json:"reason,omitempty"`
	Metadata map[string]string `json:"metadata,omitempty"`
	Details  *details          `json:"details,omitempty"`
}

// details are what SDKs act upon.
type details struct {
	ErrorCode   string   `json:"error_code"`
	Unsupported []string `json:"unsupported"`
}

var kinds = map[int]string{
	http.StatusBadRequest: "invalid_request_error", http.StatusUnauthorized: "authentication_error",
	http.StatusForbidden: "permission_error", http.StatusNotFound: "not_found_error",
	http.StatusRequestEntityTooLarge: "request_too_large", http.StatusTooManyRequests: "rate_limit_error",
}

// Shape puts an error into the format.
func Shape(header http.Header, d problem.Detail) (int, any) {
	code := d.Code
	if d.Reason == "MODEL_UNKNOWN" {
		code = http.StatusNotFound
	}
	kind, ok := kinds[code]
	switch {
	case d.Reason == "PROVIDER_OVERLOADED" || d.Reason == "PROVIDER_RATE_LIMITED" || d.Reason == "SERVER_BUSY":
		kind = "overloaded_error"
	case d.Reason == "PROVIDER_TIMEOUT":
		kind = "timeout_error"
	case !ok && code < http.StatusInternalServerError:
		kind = "invalid_request_error"
	case !ok:
		kind = "api_error"
	}
	if d.Reason == "QUOTA_EXCEEDED" || d.Reason == "BUDGET_EXCEEDED" { // the SDKs would try again at once
		header.Set("x-should-retry", "false")
	}
	header.Set("request-id", d.RequestID)
	words := failureWords{Type: kind, Message: sentence(d), Reason: d.Reason, Metadata: d.Metadata}
	if d.Reason == errThread.Reason {
		words.Details = &details{"thread_unsupported_request", []string{"thread"}}
	}
	return code, failure{"error", words, d.RequestID}
}

// sentence adds the provider's own words, where the platform passes them on.
func sentence(d problem.Detail) string {
	if words := d.Metadata["provider"]; words != "" {
		return d.Message + " It says: " + words
	}
	return d.Message
}
