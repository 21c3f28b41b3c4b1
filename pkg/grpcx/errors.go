package grpcx

import (
	"context"
	"errors"
	"slices"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"atrium.internal/pkg/apperr"
)

const errorDomain = "atrium"

// kinds pairs each kind with its code. RateLimited and TooLarge share theirs
// with others; the reason's metadata tells them apart on the way back.
var kinds = []struct {
	kind apperr.Kind
	code codes.Code
}{
	{apperr.Internal, codes.Internal},
	{apperr.InvalidArgument, codes.InvalidArgument},
	{apperr.Unauthenticated, codes.Unauthenticated},
	{apperr.PermissionDenied, codes.PermissionDenied},
	{apperr.NotFound, codes.NotFound},
	{apperr.Conflict, codes.AlreadyExists},
	{apperr.PreconditionFailed, codes.FailedPrecondition},
	{apperr.TooLarge, codes.OutOfRange},
	{apperr.QuotaExceeded, codes.ResourceExhausted},
	{apperr.RateLimited, codes.ResourceExhausted},
	{apperr.Unavailable, codes.Unavailable},
	{apperr.Canceled, codes.Canceled},
}

// rateLimited marks the one kind that shares a code with another.
const rateLimited = "rate_limited"

// ToStatus turns any error into the gRPC status that a caller may see.
func ToStatus(err error) *status.Status {
	if errors.Is(err, context.Canceled) {
		return status.New(codes.Canceled, "The caller went away.")
	}
	var e *apperr.Error
	if !errors.As(err, &e) {
		if st, ok := status.FromError(err); ok { // made by gRPC itself
			return st
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return status.FromContextError(context.DeadlineExceeded)
		}
		e = apperr.From(err)
	}
	info := &errdetails.ErrorInfo{Reason: e.Reason, Domain: errorDomain, Metadata: e.Metadata}
	if e.Kind == apperr.RateLimited {
		info = &errdetails.ErrorInfo{Reason: e.Reason, Domain: rateLimited, Metadata: e.Metadata}
	}
	details := []protoadapt.MessageV1{protoadapt.MessageV1Of(info)}
	if len(e.Fields) > 0 {
		bad := &errdetails.BadRequest{}
		for name, problem := range e.Fields {
			bad.FieldViolations = append(bad.FieldViolations,
				&errdetails.BadRequest_FieldViolation{Field: name, Description: problem})
		}
		details = append(details, protoadapt.MessageV1Of(bad))
	}
	if e.RetryAfter > 0 {
		details = append(details, protoadapt.MessageV1Of(
			&errdetails.RetryInfo{RetryDelay: durationpb.New(e.RetryAfter)}))
	}
	st, err := status.New(codeOf(e.Kind), e.Message).WithDetails(details...)
	if err != nil {
		return status.New(codeOf(e.Kind), e.Message)
	}
	return st
}

// FromStatus turns the error of a gRPC call into the platform's own; nil stays
// nil. An error that is no status is internal.
func FromStatus(err error) error {
	if err == nil {
		return nil
	}
	st, ok := status.FromError(err)
	if !ok {
		return apperr.From(err)
	}
	e := &apperr.Error{Kind: kindOf(st.Code()), Reason: defaultReason(st.Code()), Message: st.Message()}
	for _, detail := range st.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			e.Reason, e.Metadata = d.GetReason(), d.GetMetadata()
			if d.GetDomain() == rateLimited {
				e.Kind = apperr.RateLimited
			}
		case *errdetails.BadRequest:
			e.Fields = map[string]string{}
			for _, v := range d.GetFieldViolations() {
				e.Fields[v.GetField()] = v.GetDescription()
			}
		case *errdetails.RetryInfo:
			e.RetryAfter = d.GetRetryDelay().AsDuration()
		}
	}
	if len(st.Details()) == 0 { // made by gRPC, whose words are for developers
		e.Message, e.Cause = plainMessage(st.Code()), err
		if st.Code() == codes.Unavailable {
			e.RetryAfter = time.Second
		}
	}
	return e
}

func codeOf(kind apperr.Kind) codes.Code {
	i := slices.IndexFunc(kinds, func(k struct {
		kind apperr.Kind
		code codes.Code
	},
	) bool {
		return k.kind == kind
	})
	if i < 0 {
		return codes.Internal
	}
	return kinds[i].code
}

func kindOf(code codes.Code) apperr.Kind {
	switch code {
	case codes.DeadlineExceeded:
		return apperr.Unavailable
	case codes.Aborted:
		return apperr.Conflict
	case codes.Unimplemented:
		return apperr.NotFound
	}
	for _, k := range kinds {
		if k.code == code {
			return k.kind
		}
	}
	return apperr.Internal
}

func defaultReason(code codes.Code) string {
	switch code {
	case codes.Unavailable, codes.DeadlineExceeded:
		return "SERVICE_UNAVAILABLE"
	case codes.Unauthenticated:
		return "UNAUTHENTICATED"
	case codes.ResourceExhausted:
		return "TOO_LARGE"
	case codes.Canceled:
		return "CANCELED"
	case codes.InvalidArgument:
		return "INVALID_ARGUMENT"
	}
	return "INTERNAL"
}

func plainMessage(code codes.Code) string {
	switch code {
	case codes.Unavailable, codes.DeadlineExceeded:
		return "A part of the platform is not reachable right now. Try again shortly."
	case codes.Canceled:
		return "The caller went away."
	case codes.ResourceExhausted:
		return "The request is too large."
	}
	return "Something went wrong on our side."
}
