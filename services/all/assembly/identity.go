package assembly

import (
	"log/slog"
	"path/filepath"

	"atrium.internal/pkg/keys"
)

// IdentityFiles names the gateway's identity keys in a data directory.
func IdentityFiles(dataDir string) (private, public string) {
	dir := filepath.Join(dataDir, "keys")
	return filepath.Join(dir, "identity.pem"), filepath.Join(dir, "identity.pub.pem")
}

// KeyFile names the deployment's key in a data directory.
func KeyFile(dataDir string) string { return filepath.Join(dataDir, "keys", "deployment.key") }

// openIdentity opens the identity keys of a data directory, making them when
// they are not there.
func openIdentity(log *slog.Logger, dataDir string) (*keys.Private, *keys.Public, error) {
	privateFile, publicFile := IdentityFiles(dataDir)
	if err := keys.EnsureIdentity(privateFile, publicFile); err != nil {
		return nil, nil, err
	}
	private, err := keys.OpenPrivate(log, privateFile)
	if err != nil {
		return nil, nil, err
	}
	public, err := keys.OpenPublic(log, publicFile)
	return private, public, err
}
