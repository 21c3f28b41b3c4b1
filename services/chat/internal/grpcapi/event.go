package grpcapi

import (
	"fmt"
	"net/http"

	"google.golang.org/protobuf/types/known/structpb"

	"atrium.internal/pkg/apperr"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

// eventMessage gives an event the contract's form. An end is done when the
// answer is complete or was stopped on request, and an error otherwise.
func eventMessage(e turn.Shown) (*chatv1.StreamMessageResponse, error) {
	m := &chatv1.StreamMessageResponse{Seq: e.Seq}
	switch e.Kind {
	case turn.Delta:
		m.Event = &chatv1.StreamMessageResponse_Delta_{Delta: &chatv1.StreamMessageResponse_Delta{Text: e.Text}}
		return m, nil
	case turn.Usage:
		m.Event = &chatv1.StreamMessageResponse_Usage{Usage: usageMessage(&e.Usage)}
		return m, nil
	}
	pair, err := pairMessage(*e.Pair, nil)
	if err != nil {
		return nil, err
	}
	failure := e.Pair.Assistant.Failure
	switch {
	case e.Kind == turn.Start:
		m.Event = &chatv1.StreamMessageResponse_Start_{Start: &chatv1.StreamMessageResponse_Start{
			UserMessage: pair.GetUserMessage(), AssistantMessage: pair.GetAssistantMessage(),
		}}
	case failure == nil:
		m.Event = &chatv1.StreamMessageResponse_Done_{Done: &chatv1.StreamMessageResponse_Done{Message: pair.GetAssistantMessage()}}
	default:
		shown, err := failureMessage(failure, pair.GetAssistantMessage())
		if err != nil {
			return nil, err
		}
		m.Event = &chatv1.StreamMessageResponse_Error{Error: shown}
	}
	return m, nil
}

func failureMessage(f *conversation.Failure, message *chatv1.Message) (*chatv1.StreamMessageResponse_Failure, error) {
	details := map[string]any{}
	for name, value := range f.Metadata {
		details[name] = value
	}
	metadata, err := structpb.NewStruct(details)
	if err != nil {
		return nil, fmt.Errorf("stored failure: %w", err)
	}
	code, status := shape(f.Kind)
	return &chatv1.StreamMessageResponse_Failure{
		Code: int32(code), Status: status, Reason: f.Reason, Text: f.Message, Message: message, Metadata: metadata,
	}, nil
}

// shape gives a failure's kind the code and status that the same error has as
// the answer of a call.
func shape(kind apperr.Kind) (int, string) {
	switch kind {
	case apperr.InvalidArgument:
		return http.StatusBadRequest, "INVALID_ARGUMENT"
	case apperr.Unauthenticated:
		return http.StatusUnauthorized, "UNAUTHENTICATED"
	case apperr.PermissionDenied:
		return http.StatusForbidden, "PERMISSION_DENIED"
	case apperr.NotFound:
		return http.StatusNotFound, "NOT_FOUND"
	case apperr.Conflict:
		return http.StatusConflict, "ALREADY_EXISTS"
	case apperr.PreconditionFailed:
		return http.StatusPreconditionFailed, "FAILED_PRECONDITION"
	case apperr.TooLarge:
		return http.StatusRequestEntityTooLarge, "OUT_OF_RANGE"
	case apperr.RateLimited, apperr.QuotaExceeded:
		return http.StatusTooManyRequests, "RESOURCE_EXHAUSTED"
	case apperr.Unavailable, apperr.Canceled:
		return http.StatusServiceUnavailable, "UNAVAILABLE"
	}
	return http.StatusInternalServerError, "INTERNAL"
}
