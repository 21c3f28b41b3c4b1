package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
	"golang.org/x/mod/module"
)

const (
	// known is how much of a text, in per cent, must be of licences that are known,
	// as at pkg.go.dev: the rest is a copyright line or two.
	known = 75
	// longest is the largest text that is looked at, in bytes.
	longest = 1 << 20
)

var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|unlicense)([-.].*)?$`)

// moduleLicence is the SPDX expression of the licences in a module's own folder of
// the cache; it is empty where the module isn't there, and where a text is of no
// licence that is known.
func moduleLicence(cache, path, version string) string {
	escaped, err := module.EscapePath(path)
	if err != nil || cache == "" {
		return ""
	}
	escapedVersion, err := module.EscapeVersion(version)
	if err != nil {
		return ""
	}
	folder := filepath.Join(cache, filepath.FromSlash(escaped)+"@"+escapedVersion)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return ""
	}
	var all []string
	for _, entry := range entries {
		if !entry.Type().IsRegular() || !licenceFile.MatchString(entry.Name()) || filepath.Ext(entry.Name()) == ".go" {
			continue
		}
		info, err := entry.Info()
		if err != nil || info.Size() > longest {
			return ""
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return ""
		}
		found := licensecheck.Scan(text)
		if found.Percent < known {
			return "" // rather nothing than half of it
		}
		for _, match := range found.Match {
			all = append(all, match.ID)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " AND ")
}
