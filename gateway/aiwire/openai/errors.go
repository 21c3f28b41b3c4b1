package openai

import (
	"net/http"
	"strings"

	"atrium.internal/gateway/problem"
)

// failure is an error as the format has it. Metadata is the platform's own
// word, which clients of the format leave alone.
type failure struct {
	Error failureWords `json:"error"`
}

type failureWords struct {
	Message  string            `json:"message"`
	Type     string            `json:"type"`
	Param    *string           `json:"param"`
	Code     string            `json:"code"`
	Metadata map[string]string `json:"metadata,omitempty"`
}

var kinds = map[int]string{
	http.StatusBadRequest: "invalid_request_error", http.StatusUnauthorized: "authentication_error",
	http.StatusForbidden: "permission_error", http.StatusNotFound: "invalid_request_error",
	http.StatusRequestEntityTooLarge: "invalid_request_error", http.StatusTooManyRequests: "rate_limit_error",
}

// codes are those that clients know; the others are the platform's reasons.
var codes = map[string]string{
	"TOKEN_INVALID": "invalid_api_key", "UNAUTHENTICATED": "invalid_api_key", "MODEL_UNKNOWN": "model_not_found",
	"QUOTA_EXCEEDED": "insufficient_quota", "BUDGET_EXCEEDED": "insufficient_quota", "RATE_LIMITED": "rate_limit_exceeded", "PROMPT_TOO_LONG": "context_length_exceeded",
}

// Shape puts an error into the format.
func Shape(header http.Header, d problem.Detail) (int, any) {
	status := d.Code
	if d.Reason == "MODEL_UNKNOWN" {
		status = http.StatusNotFound
	}
	words := failureWords{Message: sentence(d), Type: kinds[status], Code: codes[d.Reason], Metadata: d.Metadata}
	if words.Type == "" {
		words.Type = "server_error"
	}
	if words.Code == "" {
		words.Code = strings.ToLower(d.Reason)
	}
	for field := range d.Fields {
		words.Param = &field
	}
	if d.Reason == "QUOTA_EXCEEDED" || d.Reason == "BUDGET_EXCEEDED" { // the SDKs would try again at once
		words.Type = "insufficient_quota"
		header.Set("x-should-retry", "false")
	}
	return status, failure{words}
}

// sentence adds the provider's own words, where the platform passes them on.
func sentence(d problem.Detail) string {
	if words := d.Metadata["provider"]; words != "" {
		return d.Message + " It says: " + words
	}
	return d.Message
}
