package grpcx

import (
	"context"
	"crypto/sha256"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/idempotency"
)

// idempotencyUnary hands a caller's Idempotency-Key to the store, together
// with what it must come with again.
func idempotencyUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	value := first(md, MetadataIdempotencyKey)
	message, ok := req.(proto.Message)
	if value == "" || !ok {
		return next(ctx, req)
	}
	if len(value) > idempotency.MaxLength {
		return nil, apperr.Invalid("Idempotency-Key", fmt.Sprintf("longer than %d bytes", idempotency.MaxLength))
	}
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("hash request: %w", err)
	}
	hash := sha256.New()
	hash.Write([]byte(info.FullMethod))
	hash.Write([]byte{0})
	hash.Write(body)
	return next(idempotency.With(ctx, idempotency.Key{Value: value, RequestHash: hash.Sum(nil)}), req)
}
