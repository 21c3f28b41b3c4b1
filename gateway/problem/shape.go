package problem

import (
	"context"
	"net/http"
)

// Shape puts an error into another format than the contract's. It may add
// headers, and answers with another status where that format has one.
type Shape func(header http.Header, detail Detail) (code int, body any)

type shapeKey struct{}

// WithShape makes every error that answers a request of this context have a
// shape, whoever finds it.
func WithShape(ctx context.Context, shape Shape) context.Context {
	return context.WithValue(ctx, shapeKey{}, shape)
}

// shaped is an error as the request's client reads it.
func shaped(r *http.Request, header http.Header, body Body) (code int, answer any) {
	if shape, ok := r.Context().Value(shapeKey{}).(Shape); ok {
		return shape(header, body.Error)
	}
	return body.Error.Code, body
}
