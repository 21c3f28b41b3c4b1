package directory

import (
	"os"
	"strings"
)

// hosts is the machine's own /etc/hosts, with the platform's name added where
// that is below .localhost. Such names are the machine itself, but few
// resolvers besides the browsers' know it, and programs in a workspace shall
// reach the platform by the name that the browser does.
func (d *Driver) hosts() []byte {
	text, _ := os.ReadFile("/etc/hosts") // a machine without one has no names
	if !strings.HasSuffix(d.platform, ".localhost") {
		return text
	}
	return append(text, "\n127.0.0.1 "+d.platform+"\n"...)
}
