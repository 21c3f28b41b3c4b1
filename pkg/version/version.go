package version

import (
	_ "embed"
	"strings"
)

//go:embed VERSION
var text string

// Version is the platform's version, such as 0.1.0.
var Version = strings.TrimSpace(text)
