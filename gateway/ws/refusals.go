package ws

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/coder/websocket"

	"atrium.internal/pkg/apperr"

	"atrium.internal/gateway/problem"
)

// Refusals has every refusal of a WebSocket that asks with refusal=close told by
// the reason with which it closes, whoever refuses: browsers tell a page nothing of
// the answer to an upgrade. Pages of other origins are answered as ever.
func Refusals(origin string, log *slog.Logger) func(http.Handler) http.Handler {
	tell := func(w http.ResponseWriter, r *http.Request, refusal *apperr.Error) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // fromHere has looked
		if err != nil {
			return // it has answered
		}
		defer func() { _ = conn.CloseNow() }() // it may be closed already
		closeFor(r, conn, log, refusal)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			upgrade := strings.EqualFold(r.Header.Get("Upgrade"), "websocket")
			if upgrade && r.URL.Query().Get("refusal") == "close" && fromHere(r, origin) {
				r = r.WithContext(problem.WithTeller(r.Context(), tell))
			}
			next.ServeHTTP(w, r)
		})
	}
}
