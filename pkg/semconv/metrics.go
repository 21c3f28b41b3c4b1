package semconv

// The metrics, as Prometheus shows them.
const (
	// What the door answers. Errors are answers of 400 and above.
	HTTPRequests = "http_requests_total"
	HTTPErrors   = "http_errors_total"
	HTTPDuration = "http_request_duration_seconds"

	// CertificateExpiry is when a TLS certificate ends, in Unix time.
	CertificateExpiry = "certificate_expiry_timestamp_seconds"

	// DatabaseDuration is how long Postgres took, by the first word of the statement.
	DatabaseDuration = "database_query_duration_seconds"

	// An AI attempt is one call of one provider; a request may need several.
	AIDuration   = "ai_request_duration_seconds"
	AIFirstToken = "ai_first_token_seconds"
	AITokens     = "ai_tokens_total"
	AICost       = "ai_cost_micro_usd_total"
	AIRetries    = "ai_retries_total"
	// AIAnswerCache counts the editor's questions that may be answered again.
	AIAnswerCache = "ai_answer_cache_total"
)

// LibraryDatabaseDuration is what its library calls what is DatabaseDuration here.
const LibraryDatabaseDuration = "db.client.operation.duration"
