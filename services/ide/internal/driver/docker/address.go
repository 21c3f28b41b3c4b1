package docker

import (
	"strconv"

	"atrium.internal/services/ide/internal/driver/keeper"
)

// Address is the proxy inside, which hands requests without a server's name on
// to the platform: that works for programs that know no proxies, and for names
// that nobody inside can resolve.
func (d *Driver) Address(string) string {
	return "http://127.0.0.1:" + strconv.Itoa(keeper.ProxyPort)
}
