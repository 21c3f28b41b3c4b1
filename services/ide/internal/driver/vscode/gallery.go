package vscode

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// GalleryVariable is how an editor is told where extensions come from.
const GalleryVariable = "EXTENSIONS_GALLERY"

// gallery is that variable's own form.
type gallery struct {
	ServiceURL          string `json:"serviceUrl"`
	ItemURL             string `json:"itemUrl,omitempty"`
	ResourceURLTemplate string `json:"resourceUrlTemplate,omitempty"`
}

// Gallery reads an operator's setting: the address of an Open VSX registry, such
// as https://open-vsx.org/vscode, or the JSON that code-server takes for galleries
// of another shape. It gives the JSON; empty stays empty, which is open-vsx.org.
func Gallery(setting string) (string, error) {
	setting = strings.TrimSpace(setting)
	if setting == "" {
		return "", nil
	}
	var g gallery
	if strings.HasPrefix(setting, "{") {
		decoder := json.NewDecoder(strings.NewReader(setting))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&g); err != nil {
			return "", fmt.Errorf("want an address or an object of serviceUrl, itemUrl and resourceUrlTemplate: %w", err)
		}
	} else {
		if !allowed(setting) {
			return "", errors.New("want an https address without a password")
		}
		base := strings.TrimSuffix(setting, "/")
		g = gallery{base + "/gallery", base + "/item", base + "/unpkg/{publisher}/{name}/{version}/{path}"}
	}
	if g.ServiceURL == "" {
		return "", errors.New("serviceUrl is missing")
	}
	for name, address := range map[string]string{"serviceUrl": g.ServiceURL, "itemUrl": g.ItemURL, "resourceUrlTemplate": g.ResourceURLTemplate} {
		if address != "" && !allowed(strings.NewReplacer("{", "", "}", "").Replace(address)) {
			return "", fmt.Errorf("%s: want an https address without a password", name)
		}
	}
	text, err := json.Marshal(g)
	return string(text), err
}

// allowed reports whether browsers and workspaces may be sent to an address.
func allowed(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())
}

// loopback reports whether a host is this machine, where a browser takes http too.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
