package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"atrium.internal/services/ide/internal/window"
)

// Requests keeps the latest request to the windows of each workspace.
type Requests struct{ Client *redis.Client }

// waiting is a request as it is kept.
type waiting struct {
	window.Request

	Taken bool `json:"taken"`
}

func requestKey(workspace uuid.UUID) string { return "ide:window:" + workspace.String() }

// Put keeps a request in place of the one before.
func (s Requests) Put(ctx context.Context, workspace uuid.UUID, r window.Request, lifetime time.Duration) error {
	text, err := json.Marshal(waiting{Request: r})
	if err != nil {
		return fmt.Errorf("encode a window's request: %w", err)
	}
	if err := s.Client.Set(ctx, requestKey(workspace), text, lifetime).Err(); err != nil {
		return errAway.WithCause(err)
	}
	return nil
}

// Waiting gives the request that no window has taken yet.
func (s Requests) Waiting(ctx context.Context, workspace uuid.UUID) (window.Request, bool, error) {
	found, err := s.read(ctx, workspace)
	return found.Request, err == nil && found.ID != uuid.Nil && !found.Taken, err
}

// Taken tells whether a window has the request.
func (s Requests) Taken(ctx context.Context, workspace, request uuid.UUID) (bool, error) {
	found, err := s.read(ctx, workspace)
	return found.ID == request && found.Taken, err
}

// take marks a request once, in one step. It stays a moment longer, for whoever
// asked for it to see.
var take = redis.NewScript(`
local text = redis.call('GET', KEYS[1])
if not text then return 0 end
local kept = cjson.decode(text)
if kept.id ~= ARGV[1] or kept.taken then return 0 end
kept.taken = true
redis.call('SET', KEYS[1], cjson.encode(kept), 'PX', 5000)
return 1`)

// Take gives a request to one caller.
func (s Requests) Take(ctx context.Context, workspace, request uuid.UUID) (bool, error) {
	won, err := take.Run(ctx, s.Client, []string{requestKey(workspace)}, request.String()).Int()
	if err != nil {
		return false, errAway.WithCause(err)
	}
	return won == 1, nil
}

func (s Requests) read(ctx context.Context, workspace uuid.UUID) (waiting, error) {
	text, err := s.Client.Get(ctx, requestKey(workspace)).Bytes()
	if errors.Is(err, redis.Nil) {
		return waiting{}, nil
	}
	if err != nil {
		return waiting{}, errAway.WithCause(err)
	}
	var found waiting
	if err := json.Unmarshal(text, &found); err != nil {
		return waiting{}, fmt.Errorf("decode a window's request: %w", err)
	}
	return found, nil
}
