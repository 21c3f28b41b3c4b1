package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
)

// largest bounds a file that is looked into; programs are below 200 MB.
const largest = 1 << 30

// enginesOwn are files that a container has of the engine, whatever its image holds.
var enginesOwn = []string{".dockerenv", "dev", "proc", "sys", "etc/hostname", "etc/hosts", "etc/mtab", "etc/resolv.conf"}

// npmPackage are the packages that npm has put somewhere, and Node.js, which comes
// as one. Extensions of VS Code are told of in files of that name, too.
var npmPackage = regexp.MustCompile(`(^|/)(node_modules/(@[^/]+/)?[^/]+|node)/package\.json$`)

// image takes in an image's files as a tar archive, and returns the SHA-256 of their
// names, kinds, owners, rights and contents, in the order of their names. Times are
// not in it.
func (m *materials) image(files io.Reader) (string, error) {
	archive := tar.NewReader(files)
	var lines []string
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", fmt.Errorf("the image's files: %w", err)
		}
		name := path.Clean(strings.TrimPrefix(header.Name, "./"))
		if engines(name) {
			continue
		}
		sum, err := m.file(name, header, archive)
		if err != nil {
			return "", fmt.Errorf("%s: %w", name, err)
		}
		lines = append(lines, fmt.Sprintf("%q %c %o %d:%d %q %s\n",
			name, header.Typeflag, header.Mode, header.Uid, header.Gid, header.Linkname, sum))
	}
	slices.Sort(lines)
	all := sha256.New()
	for _, line := range lines {
		all.Write([]byte(line))
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}

func engines(name string) bool {
	return slices.ContainsFunc(enginesOwn, func(own string) bool {
		return name == own || strings.HasPrefix(name, own+"/")
	})
}

// file looks into one and returns the SHA-256 of its content.
func (m *materials) file(name string, header *tar.Header, content io.Reader) (string, error) {
	hash := sha256.New()
	if header.Typeflag != tar.TypeReg {
		return "-", nil
	}
	content = io.TeeReader(content, hash)
	var err error
	switch {
	case name == "var/lib/dpkg/status":
		err = read(header, content, m.debian)
	case name == "etc/os-release" || name == "usr/lib/os-release":
		err = read(header, content, m.release)
	case npmPackage.MatchString(name):
		err = read(header, content, m.npmPackage)
	case header.Mode&0o111 != 0:
		err = m.program(name, header, content)
	}
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(io.Discard, content); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func read(header *tar.Header, content io.Reader, take func([]byte) error) error {
	if header.Size > largest {
		return fmt.Errorf("is larger than %d bytes", largest)
	}
	whole, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	return take(whole)
}

// program takes in what a Go program is linked of; others tell nothing.
func (m *materials) program(name string, header *tar.Header, content io.Reader) error {
	magic := make([]byte, 4)
	if _, err := io.ReadFull(content, magic); err != nil || string(magic) != "\x7fELF" {
		return nil //nolint:nilerr // a file of three bytes is no program
	}
	return read(header, io.MultiReader(bytes.NewReader(magic), content), func(whole []byte) error {
		if info, err := buildinfo.Read(bytes.NewReader(whole)); err == nil {
			m.golang(name, info)
		}
		return nil
	})
}
