package assembly

import (
	"errors"
	"path/filepath"

	"atrium.internal/gateway"
	"atrium.internal/pkg/config"
	"atrium.internal/pkg/drain"
	"atrium.internal/pkg/logx"
	"atrium.internal/pkg/otelx"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ai"
	"atrium.internal/services/auth"
	"atrium.internal/services/chat"
	"atrium.internal/services/ide"
)

// Config is every setting of the one-process platform.
type Config struct {
	Log         logx.Settings  `embed:""`
	Telemetry   otelx.Settings `embed:""`
	Metrics     string         `name:"metrics-listen" env:"ATRIUM_METRICS_LISTEN" default:"127.0.0.1:9090" help:"Address and port to serve metrics on, for Prometheus; empty serves none."`
	DataDir     string         `name:"data-dir" env:"ATRIUM_DATA_DIR" default:".atrium" help:"Folder for keys, users' files and the private databases."`
	DatabaseURL config.Secret  `name:"database-url" env:"DATABASE_URL" help:"Postgres, as a postgres:// URL; without it a private one runs in the data directory."`
	Replica     pgdb.Replica   `embed:""`
	RedisURL    config.Secret  `name:"redis-url" env:"REDIS_URL" help:"Redis, as a redis://, rediss:// or unix:// URL; without it a private one runs in the data directory."`
	KeyFile     string         `name:"key-file" env:"ATRIUM_KEY_FILE" help:"File with the deployment's key: 32 bytes in hexadecimal; after a rotation a line for each key, the current one first. Without it keys/deployment.key in the data directory, made when absent."`
	Stop        drain.Settings `embed:""`
	Gateway     gateway.Config `embed:""`
	Auth        auth.Config    `embed:""`
	Chat        chat.Config    `embed:""`
	IDE         ide.Config     `embed:""`
	AI          ai.Config      `embed:""`
}

// complete fills in what follows from other settings, and reports every fault
// of the whole configuration at once.
func (c *Config) complete() error {
	dir, err := filepath.Abs(c.DataDir)
	if err != nil {
		return err
	}
	c.DataDir = dir
	if c.KeyFile == "" {
		c.KeyFile = KeyFile(dir)
	}
	if c.Gateway.TLS.ACMECache == "" {
		c.Gateway.TLS.ACMECache = filepath.Join(dir, "certificates")
	}
	// The data directory is this process's alone, so what an earlier one left
	// unfinished can be closed at once.
	if c.Chat.Instance == "" {
		c.Chat.Instance = dir
	}
	if c.AI.Instance == "" {
		c.AI.Instance = dir
	}
	c.Auth.PublicURL, c.Chat.PublicURL = c.Gateway.PublicURL, c.Gateway.PublicURL
	c.AI.DataDir = dir
	c.IDE.DataDir, c.IDE.PublicURL, c.IDE.IDEDomain = dir, c.Gateway.PublicURL, c.Gateway.IDEDomain
	return errors.Join(c.Telemetry.Validate(), c.Replica.Validate(), c.Gateway.Validate(), c.Auth.Validate(), c.Chat.Validate(), c.IDE.Validate(), c.AI.Validate())
}
