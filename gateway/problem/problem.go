// Package problem writes errors in the one shape that the REST contract has, or
// in the one that the routes of a foreign wire format set for their requests.
// It is the only place where an error becomes an HTTP status.
package problem

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"

	"atrium.internal/gateway/middleware/requestid"
)

// Body is the JSON of an error.
type Body struct {
	Error Detail `json:"error"`
}

// Detail is what went wrong.
type Detail struct {
	// Code is the HTTP status.
	Code int `json:"code"`
	// Status is the name of the gRPC code.
	Status    string            `json:"status"`
	Reason    string            `json:"reason"`
	Message   string            `json:"message"`
	RequestID string            `json:"requestId"`
	Fields    map[string]string `json:"fields,omitempty"`
	Metadata  map[string]string `json:"metadata,omitempty"`
}

var statuses = map[apperr.Kind]struct {
	code   int
	status string
}{
	apperr.Internal:           {http.StatusInternalServerError, "INTERNAL"},
	apperr.InvalidArgument:    {http.StatusBadRequest, "INVALID_ARGUMENT"},
	apperr.Unauthenticated:    {http.StatusUnauthorized, "UNAUTHENTICATED"},
	apperr.PermissionDenied:   {http.StatusForbidden, "PERMISSION_DENIED"},
	apperr.NotFound:           {http.StatusNotFound, "NOT_FOUND"},
	apperr.Conflict:           {http.StatusConflict, "ALREADY_EXISTS"},
	apperr.PreconditionFailed: {http.StatusPreconditionFailed, "FAILED_PRECONDITION"},
	apperr.TooLarge:           {http.StatusRequestEntityTooLarge, "OUT_OF_RANGE"},
	apperr.RateLimited:        {http.StatusTooManyRequests, "RESOURCE_EXHAUSTED"},
	apperr.QuotaExceeded:      {http.StatusTooManyRequests, "RESOURCE_EXHAUSTED"},
	apperr.Unavailable:        {http.StatusServiceUnavailable, "UNAVAILABLE"},
	apperr.Canceled:           {499, "CANCELLED"}, // nobody is left to read it
}

// Of describes an error for the given request.
func Of(r *http.Request, err error) Body {
	e := fromAny(err)
	s := statuses[e.Kind]
	return Body{Error: Detail{
		Code: s.code, Status: s.status, Reason: e.Reason, Message: e.Message,
		RequestID: requestid.From(r.Context()), Fields: e.Fields, Metadata: e.Metadata,
	}}
}

// Write answers the request with the error.
func Write(w http.ResponseWriter, r *http.Request, err error) {
	if tell, ok := r.Context().Value(tellerKey{}).(Teller); ok {
		tell(w, r, fromAny(err))
		return
	}
	body := Of(r, err)
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Del("Content-Length")
	if after := retryAfter(fromAny(err)); after > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(after.Seconds()))))
	}
	code, answer := shaped(r, header, body)
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer) // the reader may be gone
}

// fromAny takes platform errors as they are and gRPC statuses that were made
// in this process, such as those of grpc-gateway for unreadable JSON.
func fromAny(err error) *apperr.Error {
	var e *apperr.Error
	if errors.As(err, &e) {
		return e
	}
	st, ok := status.FromError(err)
	if !ok {
		return apperr.From(err)
	}
	if st.Code() == codes.InvalidArgument && len(st.Details()) == 0 {
		return apperr.New(apperr.InvalidArgument, "INVALID_ARGUMENT", readable(st.Message()))
	}
	return apperr.From(grpcx.FromStatus(err))
}

func retryAfter(e *apperr.Error) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	switch e.Kind {
	case apperr.Unavailable, apperr.RateLimited:
		return time.Second
	}
	return 0
}
