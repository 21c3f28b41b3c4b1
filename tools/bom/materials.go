package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path"
	"runtime/debug"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// contentProperty holds the digest of an image's files.
const contentProperty = "atrium:files:sha256"

// materials are what was found, by their package URL, which tells two of them apart.
type materials struct {
	components map[string]cdx.Component
	codename   string // Debian's, such as bookworm
	// modules is the folder of Go's module cache, where licences are looked for.
	modules string
}

func newMaterials() *materials { return &materials{components: map[string]cdx.Component{}} }

func (m *materials) add(kind cdx.ComponentType, name, version, purl, licence string) {
	component := cdx.Component{BOMRef: purl, Type: kind, Name: name, Version: version, PackageURL: purl}
	if licence != "" {
		component.Licenses = &cdx.Licenses{{Expression: licence}}
	}
	m.components[purl] = component
}

// golang takes in a program's modules. Those of this repository have no version of
// their own and are the program.
func (m *materials) golang(name string, info *debug.BuildInfo) {
	m.add(cdx.ComponentTypeApplication, path.Base(name), "", "pkg:generic/"+path.Base(name), "")
	version := strings.TrimPrefix(info.GoVersion, "go")
	m.add(cdx.ComponentTypeLibrary, "stdlib", version, "pkg:golang/stdlib@"+version, "BSD-3-Clause")
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		if module.Version == "" || module.Version == "(devel)" || strings.HasPrefix(module.Path, "atrium.internal/") {
			continue
		}
		m.add(cdx.ComponentTypeLibrary, module.Path, module.Version,
			"pkg:golang/"+module.Path+"@"+url.PathEscape(module.Version), moduleLicence(m.modules, module.Path, module.Version))
	}
}

// npm takes in a package; a name may have a scope, as in @scope/name.
func (m *materials) npm(name, version, licence string) {
	if name == "" || version == "" {
		return
	}
	// Only an SPDX expression may stand there, which words like "SEE LICENSE IN" aren't.
	if strings.HasPrefix(licence, "SEE ") || licence == "UNLICENSED" {
		licence = ""
	}
	m.add(cdx.ComponentTypeLibrary, name, version,
		"pkg:npm/"+strings.Replace(name, "@", "%40", 1)+"@"+url.PathEscape(version), licence)
}

func (m *materials) npmPackage(content []byte) error {
	var found struct {
		Name, Version string
		License       json.RawMessage // sometimes an object, long ago
	}
	// Packages bring files of that name which are tests of parsers, too.
	if json.Unmarshal(content, &found) == nil {
		var licence string
		_ = json.Unmarshal(found.License, &licence)
		m.npm(found.Name, found.Version, licence)
	}
	return nil
}

// lock takes in what a package-lock.json names for production.
func (m *materials) lock(content []byte) error {
	var found struct {
		Packages map[string]struct {
			Name, Version, License string
			Dev, DevOptional, Link bool
		}
	}
	if err := json.Unmarshal(content, &found); err != nil {
		return err
	}
	for place, one := range found.Packages {
		_, name, installed := cutLast(place, "node_modules/")
		if !installed || one.Dev || one.DevOptional || one.Link {
			continue
		}
		if one.Name != "" {
			name = one.Name // it is known by another one here
		}
		m.npm(name, one.Version, one.License)
	}
	return nil
}

func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}

func (m *materials) release(content []byte) error {
	for line := range strings.Lines(string(content)) {
		if name, found := strings.CutPrefix(line, "VERSION_CODENAME="); found {
			m.codename = strings.Trim(strings.TrimSpace(name), `"`)
		}
	}
	return nil
}

// debian takes in dpkg's list of packages: paragraphs of "Field: value".
func (m *materials) debian(content []byte) error {
	for paragraph := range bytes.SplitSeq(content, []byte("\n\n")) {
		fields := map[string]string{}
		lines := bufio.NewScanner(bytes.NewReader(paragraph))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if field, value, found := strings.Cut(lines.Text(), ": "); found && !strings.HasPrefix(field, " ") {
				fields[field] = value
			}
		}
		if err := lines.Err(); err != nil {
			return err
		}
		if strings.HasSuffix(fields["Status"], " installed") {
			m.add(cdx.ComponentTypeLibrary, fields["Package"], fields["Version"], fmt.Sprintf("pkg:deb/debian/%s@%s?arch=%s",
				fields["Package"], url.PathEscape(fields["Version"]), fields["Architecture"]), "")
		}
	}
	return nil
}

// write gives it as JSON. Nothing in it is of now or by chance.
func (m *materials) write(out io.Writer, name, version, digest string) error {
	all := make([]cdx.Component, 0, len(m.components))
	whole := sha256.New()
	for _, purl := range slices.Sorted(maps.Keys(m.components)) {
		all = append(all, m.components[purl])
		fmt.Fprintln(whole, purl)
	}
	fmt.Fprintln(whole, name, version, digest)
	properties := []cdx.Property{{Name: contentProperty, Value: digest}}
	if m.codename != "" {
		properties = append(properties, cdx.Property{Name: "atrium:debian", Value: m.codename})
	}
	id := whole.Sum(nil)
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // a UUID of version 8: made of a digest
	bom := cdx.NewBOM()
	bom.SerialNumber = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[0:4], id[4:6], id[6:8], id[8:10], id[10:16])
	bom.Metadata = &cdx.Metadata{
		Component:  &cdx.Component{BOMRef: name, Type: cdx.ComponentTypeContainer, Name: name, Version: version},
		Properties: &properties,
	}
	bom.Components = &all
	return cdx.NewBOMEncoder(out, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
}
