// Package redisdb opens the connection to Redis. What is kept there is each
// service's own business, and none of it may be the only copy.
package redisdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"atrium.internal/pkg/config"
)

// Open makes a client for redis://, rediss:// or unix:// URLs. It does no I/O.
// Timeouts are short: every caller has a slower way to serve without Redis.
func Open(url config.Secret) (*redis.Client, error) {
	options, err := redis.ParseURL(url.Reveal())
	if err != nil {
		return nil, errors.New("REDIS_URL: not a redis://, rediss:// or unix:// URL") // the cause may quote a password
	}
	quieten()
	options.DialTimeout = 2 * time.Second
	options.ReadTimeout = 2 * time.Second
	options.WriteTimeout = 2 * time.Second
	options.DialerRetries = 1
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // Redis Enterprise only
	options.ContextTimeoutEnabled = true
	client := redis.NewClient(options)
	if err := measure(client); err != nil {
		return nil, errors.Join(fmt.Errorf("metrics of Redis: %w", err), client.Close())
	}
	return client, nil
}

// quieten stops the library from printing to standard error past the logs:
// whoever a call fails for reports it.
var quieten = sync.OnceFunc(func() { redis.SetLogger(silent{}) })

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}
