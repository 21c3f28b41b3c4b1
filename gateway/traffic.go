package gateway

import (
	"errors"
	"time"

	"atrium.internal/gateway/middleware/bodylimit"
	"atrium.internal/gateway/middleware/pace"
	"atrium.internal/gateway/wire"
)

// Traffic bounds what connections and requests may take; each gateway counts
// for itself. 0 is no limit where that makes sense.
type Traffic struct {
	HeaderTimeout      time.Duration `name:"header-timeout" env:"ATRIUM_HEADER_TIMEOUT" default:"10s" help:"How long a TLS handshake, and the header of each request, may take."`
	IdleTimeout        time.Duration `name:"idle-timeout" env:"ATRIUM_IDLE_TIMEOUT" default:"2m" help:"How long a connection without a request is kept."`
	HeaderBytes        int           `name:"header-limit" env:"ATRIUM_HEADER_LIMIT" default:"65536" help:"Largest header of a request, in bytes."`
	URLBytes           int           `name:"url-limit" env:"ATRIUM_URL_LIMIT" default:"16384" help:"Longest address of a request, in bytes."`
	BodyRate           int64         `name:"body-rate" env:"ATRIUM_BODY_RATE" default:"1024" help:"Bytes a second that a request's body must come at, after 10 seconds' grace."`
	AnonymousBody      int64         `name:"anonymous-body-limit" env:"ATRIUM_ANONYMOUS_BODY_LIMIT" default:"65536" help:"Largest request body of a caller who is not signed in, in bytes."`
	BodyMemory         int64         `name:"body-memory" env:"ATRIUM_BODY_MEMORY" default:"268435456" help:"Bytes that all request bodies of the API may take at once; 0 is no limit."`
	Connections        int           `name:"connections" env:"ATRIUM_CONNECTIONS" default:"16384" help:"Open connections; 0 is no limit."`
	AddressConnections int           `name:"connections-address" env:"ATRIUM_CONNECTIONS_ADDRESS" default:"1024" help:"Of these, from one address; not counted behind proxies. 0 is no limit."`
	Requests           int           `name:"requests" env:"ATRIUM_REQUESTS" default:"8192" help:"Requests, streams and WebSockets under way; 0 is no limit."`
	AddressRequests    int           `name:"requests-address" env:"ATRIUM_REQUESTS_ADDRESS" default:"1024" help:"Of these, from one address; 0 is no limit."`
	UserRequests       int           `name:"requests-user" env:"ATRIUM_REQUESTS_USER" default:"256" help:"Requests under way of one user; 0 is no limit."`
	UserStreams        int           `name:"streams-user" env:"ATRIUM_STREAMS_USER" default:"128" help:"Open streams and WebSockets of one user; 0 is no limit."`
	HTTP2Streams       int           `name:"http2-streams" env:"ATRIUM_HTTP2_STREAMS" default:"128" help:"Requests under way on one HTTP/2 connection."`
}

func (t Traffic) validate() error {
	var faults []error
	if t.HeaderTimeout <= 0 || t.IdleTimeout <= 0 {
		faults = append(faults, errors.New("ATRIUM_HEADER_TIMEOUT and ATRIUM_IDLE_TIMEOUT must be positive"))
	}
	if t.HeaderBytes < 1024 || t.URLBytes < 256 {
		faults = append(faults, errors.New("ATRIUM_HEADER_LIMIT must be at least 1024 and ATRIUM_URL_LIMIT at least 256"))
	}
	if t.BodyRate < 1 || t.AnonymousBody < 1 || t.HTTP2Streams < 1 {
		faults = append(faults, errors.New("ATRIUM_BODY_RATE, ATRIUM_ANONYMOUS_BODY_LIMIT and ATRIUM_HTTP2_STREAMS must be positive"))
	}
	if min(t.Connections, t.AddressConnections, t.Requests, t.AddressRequests, t.UserRequests, t.UserStreams) < 0 || t.BodyMemory < 0 {
		faults = append(faults, errors.New("ATRIUM_CONNECTIONS*, ATRIUM_REQUESTS*, ATRIUM_STREAMS_USER and ATRIUM_BODY_MEMORY must not be negative"))
	}
	return errors.Join(faults...)
}

// bodyGrace is for the beginning of a body, and for pauses in it.
const bodyGrace = 10 * time.Second

func (t Traffic) pace() pace.Rate { return pace.Rate{BytesPerSecond: t.BodyRate, Grace: bodyGrace} }

func (c Config) bodies() bodylimit.Limits {
	return bodylimit.Limits{Each: c.BodyLimit, Larger: c.AIBodyLimit, IsLarger: carriesImages, Anonymous: c.Traffic.AnonymousBody, All: c.Traffic.BodyMemory}
}

// wire gives the limits of connections. Behind proxies every connection is
// theirs, so they are not told apart by address.
func (c Config) wire() wire.Limits {
	limits := wire.Limits{
		HeaderTimeout: c.Traffic.HeaderTimeout, HeaderBytes: c.Traffic.HeaderBytes, URLBytes: c.Traffic.URLBytes,
		Connections: c.Traffic.Connections, PerAddress: c.Traffic.AddressConnections,
	}
	if c.TrustedHops > 0 {
		limits.PerAddress = 0
	}
	return limits
}
