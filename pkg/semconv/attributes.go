package semconv

import "go.opentelemetry.io/otel/attribute"

// Attributes of metrics and spans.
const (
	Service  = attribute.Key("service")
	Method   = attribute.Key("method")
	Route    = attribute.Key("route")
	Status   = attribute.Key("status")
	Provider = attribute.Key("provider")
	Model    = attribute.Key("model")
	Source   = attribute.Key("source")
	Outcome  = attribute.Key("outcome")
	Kind     = attribute.Key("kind")
	Role     = attribute.Key("role")
	// State is that of a pool's connections: "used", "idle", or "max" for how many
	// there may be.
	State = attribute.Key("state")
	// Server is which of Postgres answered: "primary" or "replica".
	Server = attribute.Key("server")
	// Isolation is the class of a workspace.
	Isolation = attribute.Key("isolation")
	// Certificate is what one is for: "https" or "service".
	Certificate = attribute.Key("certificate")
)

// Attributes of spans only: they take as many values as there are users and
// requests.
const (
	UserID    = attribute.Key("atrium.user_id")
	RequestID = attribute.Key("atrium.request_id")
	// ClientTrace is the id of the trace that a client says its request belongs to.
	ClientTrace = attribute.Key("atrium.client_trace_id")
	// Of a part of a stream's life: how often something was sent and how much;
	// of the last part, how long the stream was open.
	StreamSends   = attribute.Key("atrium.stream.sends")
	StreamBytes   = attribute.Key("atrium.stream.bytes")
	StreamSeconds = attribute.Key("atrium.stream.seconds")
	Attempt       = attribute.Key("atrium.attempt")
	FirstText     = attribute.Key("atrium.first_token_ms")

	// What an attempt used, as the ledger enters it: tokens by kind, and
	// millionths of a dollar.
	TokensIn         = attribute.Key("atrium.tokens.input")
	TokensOut        = attribute.Key("atrium.tokens.output")
	TokensCacheRead  = attribute.Key("atrium.tokens.cache_read")
	TokensCacheWrite = attribute.Key("atrium.tokens.cache_write")
	CostMicroUSD     = attribute.Key("atrium.cost_micro_usd")
	// Again is why an attempt is not the first: retry or failover.
	Again = attribute.Key("atrium.again")
)

// Spans of the platform's own; those of gRPC and of SQL have the names that
// their libraries give them.
const (
	// SpanAIAttempt is one call of a provider.
	SpanAIAttempt = "ai.attempt"
)

// Scope is the name of the instruments of one part of the platform.
func Scope(part string) string { return "atrium/" + part }
