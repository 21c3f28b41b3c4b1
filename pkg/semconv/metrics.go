package semconv

// The metrics, as Prometheus shows them.
const (
	// What the door answers. Errors are answers of 400 and above.
	HTTPRequests = "http_requests_total"
	HTTPErrors   = "http_errors_total"
	HTTPDuration = "http_request_duration_seconds"

	// ActiveUsers counts accounts used within ActiveWithin, wherever they were used:
	// each auth process has the same number.
	ActiveUsers       = "active_users_total"
	UserRegistrations = "user_registrations_total"

	ChatMessages = "chat_messages_total"
	// ChatConversations counts conversations in which a process writes an answer.
	ChatConversations = "chat_conversations_active"
	// ChatReaders counts those who follow answers as they are written.
	ChatReaders = "chat_stream_readers"

	// IDESessions counts the workspaces that somebody has open.
	IDESessions   = "ide_sessions_active"
	IDEWorkspaces = "ide_workspaces_running"
	IDEStartup    = "ide_container_startup_seconds"
	// IDEFilesOpen counts files that were opened in a tab of an editor, as its
	// extension says.
	IDEFilesOpen = "ide_files_open_total"
	// IDEWarm counts the workspaces that are ready and nobody's yet, IDEWarmClaims
	// the starts by whether one could be taken.
	IDEWarm       = "ide_workspaces_warm"
	IDEWarmClaims = "ide_warm_claims_total"
	// IDEProcessor is in hundredths of a core, of all workspaces together.
	IDEProcessor = "ide_cpu_usage_percent"
	IDEMemory    = "ide_memory_usage_bytes"

	// CertificateExpiry is when a TLS certificate ends, in Unix time.
	CertificateExpiry = "certificate_expiry_timestamp_seconds"

	// DatabaseDuration is how long Postgres took, by the first word of the statement.
	DatabaseDuration = "database_query_duration_seconds"

	// How full the pools of connections are.
	DatabasePool     = "database_pool_connections"
	DatabasePoolWait = "database_pool_wait_seconds_total"
	// DatabaseReplicaLag is how old what the replica has is at most.
	DatabaseReplicaLag = "database_replica_lag_seconds"
	// DatabaseReads counts the reads that a replica may answer, by who did.
	DatabaseReads     = "database_reads_total"
	RedisPool         = "redis_pool_connections"
	RedisPoolTimeouts = "redis_pool_timeouts_total"

	// An AI attempt is one call of one provider; a request may need several.
	AIDuration   = "ai_request_duration_seconds"
	AIFirstToken = "ai_first_token_seconds"
	AITokens     = "ai_tokens_total"
	AICost       = "ai_cost_micro_usd_total"
	AIRetries    = "ai_retries_total"
	AIActive     = "ai_attempts_active"
	// AIAnswerCache counts the editor's questions that may be answered again.
	AIAnswerCache = "ai_answer_cache_total"
)

// LibraryDatabaseDuration is what its library calls what is DatabaseDuration here.
const LibraryDatabaseDuration = "db.client.operation.duration"
