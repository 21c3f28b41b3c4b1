package ws

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/coder/websocket"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/drain"
)

// closeFor tells the client why the connection ends.
func closeFor(r *http.Request, conn *websocket.Conn, log *slog.Logger, cause error) {
	code, reason := websocket.StatusInternalError, "INTERNAL"
	var known *apperr.Error
	switch {
	case errors.Is(cause, errEnded):
		code, reason = websocket.StatusNormalClosure, ""
	case errors.Is(context.Cause(r.Context()), drain.ErrRestarting), errors.Is(cause, drain.ErrRestarting):
		code, reason = websocket.StatusServiceRestart, drain.ErrRestarting.Reason
	case r.Context().Err() != nil:
		code, reason = websocket.StatusPolicyViolation, "SESSION_ENDED"
	case errors.Is(cause, context.DeadlineExceeded):
		code, reason = websocket.StatusPolicyViolation, "SLOW_READER"
	case errors.As(cause, &known):
		code, reason = closeCode(known.Kind), known.Reason
	}
	log.DebugContext(r.Context(), "socket closed", "reason", reason, "error", cause)
	_ = conn.Close(code, reason) // the client may be gone
}

func closeCode(kind apperr.Kind) websocket.StatusCode {
	switch kind {
	case apperr.RateLimited, apperr.Conflict, apperr.InvalidArgument:
		return websocket.StatusPolicyViolation
	case apperr.Unavailable:
		return websocket.StatusTryAgainLater
	}
	return websocket.StatusInternalError
}
