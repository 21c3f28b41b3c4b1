package semconv

// The metrics, as Prometheus shows them.
const (
	// What the door answers. Errors are answers of 400 and above.
	HTTPRequests = "http_requests_total"
	HTTPErrors   = "http_errors_total"
	HTTPDuration = "http_request_duration_seconds"

	// DatabaseDuration is how long Postgres took, by the first word of the statement.
	DatabaseDuration = "database_query_duration_seconds"

	// ActiveUsers are those with a session that was used within a day.
	ActiveUsers       = "active_users_total"
	UserRegistrations = "user_registrations_total"

	// ChatMessages counts those stored, by role; active conversations are those
	// that changed within a day.
	ChatMessages      = "chat_messages_total"
	ChatConversations = "chat_conversations_active"

	// An AI attempt is one call of one provider; a request may need several.
	AIDuration     = "ai_request_duration_seconds"
	AIFirstToken   = "ai_first_token_seconds"
	AITokens       = "ai_tokens_total"
	AICost         = "ai_cost_micro_usd_total"
	AIRetries      = "ai_retries_total"
	AICacheHits    = "ai_answer_cache_hits_total"
	AIOpenHolds    = "ai_ledger_open_reservations"
	AIBudgetAlerts = "ai_budget_alerts_total"

	// IDESessions are the running workspaces; startup is from the wish to the
	// first answer of the editor.
	IDESessions = "ide_sessions_active"
	IDEStartup  = "ide_container_startup_seconds"
)

// Names that libraries give to what is renamed to the above.
const LibraryDatabaseDuration = "db.client.operation.duration"
