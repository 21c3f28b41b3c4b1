package files

import (
	"net/http"
	"slices"
	"strings"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
)

// tags reads a list of entity tags, "*" among them as such. Weak ones count
// only where that is allowed; what is no tag counts as one that nothing has.
func tags(values []string, weak bool) []string {
	var all []string
	for _, item := range strings.Split(strings.Join(values, ","), ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		plain, isWeak := strings.CutPrefix(item, "W/")
		if isWeak && !weak {
			plain = `"` + plain
		}
		plain = strings.TrimSuffix(strings.TrimPrefix(plain, `"`), `"`)
		all = append(all, strings.ToValidUTF8(plain, "\ufffd"))
	}
	return all
}

// contains reports whether a version is among those that a client has.
func contains(held []string, tag string) bool {
	return slices.Contains(held, tag) || slices.Contains(held, "*")
}

// condition is what the request wants to hold before it changes anything.
func condition(r *http.Request) *idev1.FileCondition {
	return &idev1.FileCondition{
		IfMatch:  tags(r.Header.Values("If-Match"), false),
		IfAbsent: slices.Contains(tags(r.Header.Values("If-None-Match"), true), "*"),
	}
}

func quoted(tag string) string { return `"` + tag + `"` }
