package static

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// addIntegrity adds a script that lets browsers run the app's scripts from
// elsewhere only as they are here, and returns its path. It is an import map,
// which is what modules that are imported later heed, too. Each page's own
// would be tens of kilobytes; a file is kept by the browser.
func (s *Files) addIntegrity(assetsURL string) (string, error) {
	hashes := map[string]string{}
	for name, f := range s.files {
		if path.Ext(name) == ".js" && strings.HasPrefix(name, "/assets/") {
			sum := sha256.Sum256(f.plain)
			hashes[assetsURL+name] = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
		}
	}
	known, err := json.Marshal(map[string]any{"integrity": hashes})
	if err != nil {
		return "", err
	}
	script := fmt.Appendf(nil, `{
  const map = document.createElement("script");
  map.type = "importmap";
  map.nonce = document.currentScript.nonce;
  map.textContent = JSON.stringify(%s);
  document.currentScript.after(map);
}
`, known)
	sum := sha256.Sum256(script)
	name := "/assets/integrity-" + hex.EncodeToString(sum[:8]) + ".js"
	s.files[name] = newFile(name, script)
	return name, nil
}
