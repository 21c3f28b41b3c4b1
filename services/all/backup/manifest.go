package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

const (
	manifestFile = "manifest.json"
	contentFile  = "database.dump"
	wrappedFile  = "database-keys.dump"
	keysFile     = "keys.tar"
	sealedKeys   = "keys.tar.age"
	dataFile     = "data.tar"
	format       = 1
)

// Manifest says what a backup holds.
type Manifest struct {
	Format  int       `json:"format"`
	Version string    `json:"version"`
	Begun   time.Time `json:"begun"`
	Ended   time.Time `json:"ended"`
	// Roles of the database that its rights refer to.
	Roles []string `json:"roles"`
	// Files by their path in the backup.
	Files map[string]File `json:"files"`
}

// File is one file of a backup.
type File struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// add takes down a file that is whole.
func (m *Manifest) add(dir, name string) (File, error) {
	f, err := sum(filepath.Join(dir, name))
	if err == nil {
		m.Files[name] = f
	}
	return f, err
}

func sum(path string) (File, error) {
	file, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer file.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, file)
	return File{Bytes: n, SHA256: hex.EncodeToString(hash.Sum(nil))}, err
}

// open reads a backup's manifest and holds every file to it.
func open(dir string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is no backup, or one that was not finished: it has no %s", dir, manifestFile)
	}
	if err != nil {
		return nil, err
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", manifestFile, err)
	}
	if m.Format != format {
		return nil, fmt.Errorf("the backup has format %d, this program knows %d", m.Format, format)
	}
	for name, want := range m.Files {
		if !filepath.IsLocal(name) {
			return nil, fmt.Errorf("%s names %q, which is not in the backup", manifestFile, name)
		}
		got, err := sum(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if got != want {
			return nil, fmt.Errorf("%s is not as it was written: its checksum differs", name)
		}
	}
	return &m, nil
}

func (m *Manifest) write(dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, manifestFile), append(text, '\n'), 0o600)
}
