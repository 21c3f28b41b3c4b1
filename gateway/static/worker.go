package static

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// workerName is where browsers look for the service worker of the whole site.
const workerName = "/sw.js"

// newWorker is the service worker with what it is to know. Browsers compare it
// byte by byte with the one they have: another page or other settings make it
// another worker, which they put in the old one's place.
func newWorker(script []byte, index page, how Options) (*file, error) {
	sum := sha256.Sum256(bytes.Join(index, nil))
	told, err := json.Marshal(struct {
		Worker bool   `json:"worker"`
		Shell  string `json:"shell"`
		Assets string `json:"assets"`
	}{how.ServiceWorker, hex.EncodeToString(sum[:8]), how.AssetsURL})
	if err != nil {
		return nil, err
	}
	return newFile(workerName, slices.Concat([]byte("self.atrium="), told, []byte(";\n"), script)), nil
}
