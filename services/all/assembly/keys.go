package assembly

import (
	"fmt"
	"log/slog"

	"atrium.internal/pkg/seal"
)

// existingKeyring completes the configuration and opens its key file, which is
// never made here: what is sealed with a key of a container that then goes
// would be lost.
func existingKeyring(cfg *Config, log *slog.Logger) (*seal.Keyring, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	ring, err := seal.OpenKeyring(log, cfg.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("ATRIUM_KEY_FILE: %w", err)
	}
	return ring, nil
}
