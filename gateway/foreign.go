package gateway

import (
	"net/http"
	"strings"

	"atrium.internal/gateway/aiwire/anthropic"
	"atrium.internal/gateway/aiwire/openai"
	"atrium.internal/gateway/problem"
)

// Below these, requests and answers have the wire format of a provider, so that
// its SDKs and the tools made with them work with an API token of the platform.
const (
	anthropicPrefix = "/api/ai/anthropic/"
	openaiPrefix    = "/api/ai/openai/"
)

// foreign adds the routes of the wire formats.
func (g *Gateway) foreign(mux *http.ServeMux) {
	a := anthropic.Handler{Client: g.clients.ai}
	mux.HandleFunc("POST "+anthropicPrefix+"v1/messages", a.Messages)
	mux.HandleFunc("POST "+anthropicPrefix+"v1/messages/count_tokens", a.CountTokens)
	mux.HandleFunc("GET "+anthropicPrefix+"v1/models", a.Models)
	mux.HandleFunc("GET "+anthropicPrefix+"v1/models/{model...}", a.Model)

	o := openai.Handler{Client: g.clients.ai}
	mux.HandleFunc("POST "+openaiPrefix+"v1/chat/completions", o.Completions)
	mux.HandleFunc("GET "+openaiPrefix+"v1/models", o.Models)
	mux.HandleFunc("GET "+openaiPrefix+"v1/models/{model...}", o.Model)
}

// shapes gives every error of a wire format's routes that format's shape, also
// one that is found before the route is.
func shapes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, anthropicPrefix):
			r = r.WithContext(problem.WithShape(r.Context(), anthropic.Shape))
		case strings.HasPrefix(r.URL.Path, openaiPrefix):
			r = r.WithContext(problem.WithShape(r.Context(), openai.Shape))
		}
		next.ServeHTTP(w, r)
	})
}

// carriesImages reports whether requests to a path may hold conversations with
// images.
func carriesImages(path string) bool {
	return strings.HasPrefix(path, anthropicPrefix) || strings.HasPrefix(path, openaiPrefix)
}
