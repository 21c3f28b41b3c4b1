package reload

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is one that was read.
type File struct {
	Path    string
	Content []byte
}

// maxBytes bounds what is read; keys and certificates are far smaller.
const maxBytes = 1 << 20

// read gives the files that a path names: itself, or those of a folder that end
// in .pem, in the order of their names.
func read(path string) ([]File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	paths := []string{path}
	if info.IsDir() {
		if paths, err = filepath.Glob(filepath.Join(escape(path), "*.pem")); err != nil {
			return nil, err
		}
		slices.Sort(paths)
	}
	files := make([]File, 0, len(paths))
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if len(content) > maxBytes {
			return nil, fmt.Errorf("%s: larger than %d bytes", path, maxBytes)
		}
		files = append(files, File{Path: path, Content: content})
	}
	return files, nil
}

// readAll reads several paths; one that is missing is named.
func readAll(paths []string) ([]File, error) {
	var all []File
	var faults []error
	for _, path := range paths {
		files, err := read(path)
		all, faults = append(all, files...), append(faults, err)
	}
	return all, errors.Join(faults...)
}

// sum is the same for the same files with the same content only.
func sum(files []File) [sha256.Size]byte {
	hash := sha256.New()
	part := func(b []byte) {
		_ = binary.Write(hash, binary.BigEndian, uint64(len(b))) // a hash takes everything
		hash.Write(b)
	}
	for _, file := range files {
		part([]byte(file.Path))
		part(file.Content)
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// escape keeps the path itself from being a pattern.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
