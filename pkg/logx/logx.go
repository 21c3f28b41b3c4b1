// Package logx makes the loggers of the programs. Loggers are passed in
// everywhere else; there is no global one. A line that is logged with a call's
// context says which trace, request and user it belongs to.
package logx

import (
	"fmt"
	"io"
	"log/slog"
)

// Settings say how much is logged, and in what form.
type Settings struct {
	Level  slog.Level `name:"log-level" env:"ATRIUM_LOG_LEVEL" default:"info" help:"debug, info, warn or error."`
	Format string     `name:"log-format" env:"ATRIUM_LOG_FORMAT" default:"text" enum:"text,json" help:"text for people, json for machines."`
}

// New makes a logger that writes to w.
func New(w io.Writer, s Settings) (*slog.Logger, error) {
	options := &slog.HandlerOptions{Level: s.Level}
	switch s.Format {
	case "json":
		return slog.New(contextual{slog.NewJSONHandler(w, options)}), nil
	case "text", "":
		return slog.New(contextual{slog.NewTextHandler(w, options)}), nil
	}
	return nil, fmt.Errorf("ATRIUM_LOG_FORMAT: want text or json, not %q", s.Format)
}
