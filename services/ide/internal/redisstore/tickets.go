package redisstore

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/ide/internal/entry"
)

var errAway = apperr.New(apperr.Unavailable, "SERVICE_UNAVAILABLE",
	"Workspaces can't be opened right now. Try again shortly.").WithRetryAfter(2 * time.Second)

// Tickets keeps tickets under the hash of their text.
type Tickets struct{ Client *redis.Client }

func ticketKey(h entry.Hash) string { return "ide:ticket:" + hex.EncodeToString(h[:]) }

// Put keeps a ticket for its lifetime.
func (t Tickets) Put(ctx context.Context, h entry.Hash, ticket entry.Ticket, lifetime time.Duration) error {
	text, err := json.Marshal(ticket)
	if err != nil {
		return fmt.Errorf("encode ticket: %w", err)
	}
	if err := t.Client.Set(ctx, ticketKey(h), text, lifetime).Err(); err != nil {
		return errAway.WithCause(err)
	}
	return nil
}

// Take reads and deletes in one command, so that of many at once one succeeds.
func (t Tickets) Take(ctx context.Context, h entry.Hash) (entry.Ticket, error) {
	text, err := t.Client.GetDel(ctx, ticketKey(h)).Bytes()
	if errors.Is(err, redis.Nil) {
		return entry.Ticket{}, entry.ErrTicket
	}
	if err != nil {
		return entry.Ticket{}, errAway.WithCause(err)
	}
	var ticket entry.Ticket
	if err := json.Unmarshal(text, &ticket); err != nil {
		return entry.Ticket{}, fmt.Errorf("decode ticket: %w", err)
	}
	return ticket, nil
}
