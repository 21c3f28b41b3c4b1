package pgdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"atrium.internal/pkg/apperr"
)

var (
	errAway = apperr.New(apperr.Unavailable, "DATABASE_UNAVAILABLE",
		"The database is not reachable right now. Try again shortly.").WithRetryAfter(time.Second)
	errFull = apperr.New(apperr.Unavailable, "DATABASE_FULL",
		"The database's disk is full. What was saved is safe and can be read; nothing can be saved until the server's administrator has made room.").WithRetryAfter(10 * time.Second)
	// ErrText answers text that a column of text can't hold.
	ErrText = apperr.New(apperr.InvalidArgument, "TEXT_INVALID",
		"A text in the request holds a character that can't be stored, such as U+0000.")
)

// Fault says what a store was doing when err came. A database that is away or
// has no room becomes an Unavailable error and text that Postgres can't hold an
// InvalidArgument; errors that are for the caller already stay as they are.
func Fault(doing string, err error) error {
	var shown *apperr.Error
	var pg *pgconn.PgError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &shown), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &pg):
		switch {
		case pg.Code == "22021", pg.Code == "22P05": // character_not_in_repertoire, untranslatable_character
			return ErrText.WithCause(err)
		case pg.Code == "53100": // disk_full
			return errFull.WithCause(fmt.Errorf("%s: %w", doing, err))
		case isAway(pg.Code):
			return errAway.WithCause(fmt.Errorf("%s: %w", doing, err))
		}
		return fmt.Errorf("%s: %w", doing, err)
	case errors.Is(err, pgx.ErrNoRows), errors.Is(err, pgx.ErrTooManyRows), errors.Is(err, pgx.ErrTxCommitRollback):
		return fmt.Errorf("%s: %w", doing, err)
	case isConnection(err):
		return errAway.WithCause(fmt.Errorf("%s: %w", doing, err))
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// isAway knows the codes of a server that is starting, stopping or out of
// connections.
func isAway(code string) bool {
	return code[:2] == "08" || code[:2] == "57" && code != "57014" || code == "53300"
}

// isConnection reports a fault below the protocol: no server, a broken
// connection, none free in time, or a pool that this process is closing.
func isConnection(err error) bool {
	var connect *pgconn.ConnectError
	var network interface{ Timeout() bool } // net.Error and its kin
	return errors.As(err, &connect) || errors.As(err, &network) || pgconn.SafeToRetry(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, puddle.ErrClosedPool) || isEOF(err)
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
