package grpcx

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"atrium.internal/pkg/apperr"
)

// validation holds every request to the rules written in its contract.
type validation struct{ validator protovalidate.Validator }

func newValidation() (validation, error) {
	v, err := protovalidate.New()
	if err != nil {
		return validation{}, fmt.Errorf("request validation: %w", err)
	}
	return validation{validator: v}, nil
}

func (v validation) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if err := v.check(req); err != nil {
		return nil, err
	}
	return next(ctx, req)
}

func (v validation) stream(srv any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	return next(srv, validatingStream{ServerStream: stream, validation: v})
}

type validatingStream struct {
	grpc.ServerStream
	validation validation
}

func (s validatingStream) unwrap() grpc.ServerStream { return s.ServerStream }

func (s validatingStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	return s.validation.check(m)
}

func (v validation) check(req any) error {
	message, ok := req.(proto.Message)
	if !ok {
		return nil
	}
	err := v.validator.Validate(message)
	var broken *protovalidate.ValidationError
	if !errors.As(err, &broken) {
		return err
	}
	return refusal(broken)
}

// refusal names each bad input as the JSON calls it.
func refusal(broken *protovalidate.ValidationError) error {
	e := apperr.New(apperr.InvalidArgument, "INVALID_ARGUMENT", "")
	var sentences []string
	for _, violation := range broken.Violations {
		name, problem := fieldName(violation), violation.Proto.GetMessage()
		if name == "" {
			name = "request"
		}
		e = e.WithField(name, problem)
		sentences = append(sentences, name+": "+problem)
	}
	return e.WithMessage(strings.Join(sentences, "; "))
}

func fieldName(violation *protovalidate.Violation) string {
	var parts []string
	for _, element := range violation.Proto.GetField().GetElements() {
		parts = append(parts, jsonName(element.GetFieldName()))
	}
	return strings.Join(parts, ".")
}

// jsonName is protobuf's own lowerCamelCase of a field's name.
func jsonName(field string) string {
	var b strings.Builder
	upper := false
	for _, r := range protoreflect.Name(field) {
		switch {
		case r == '_':
			upper = true
		case upper:
			b.WriteString(strings.ToUpper(string(r)))
			upper = false
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
