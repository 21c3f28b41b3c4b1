package keys

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// LoadOrCreate gives the deployment key from which keys of single purposes
// derive, or makes a file with one, mode 0600, when there is none; created says
// which. Of several lines it is the last, the oldest: a line that a rotation
// adds on top changes none of those purposes. However many processes find the
// file missing at once, one of them makes it and all get its key.
func LoadOrCreate(path string) (key []byte, created bool, err error) {
	lines, err := ReadDeployment(path)
	if errors.Is(err, fs.ErrNotExist) {
		if created, err = createDeployment(path); err != nil {
			return nil, false, err
		}
		lines, err = ReadDeployment(path)
	}
	if err != nil {
		return nil, false, err
	}
	return lines[len(lines)-1], created, nil
}

// ReadDeployment gives every key of a deployment's key file, the current one
// first. A missing file is fs.ErrNotExist.
func ReadDeployment(path string) ([][]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("key file: %w", err)
	}
	return ParseDeployment(path, text)
}

// ParseDeployment reads the text of a key file: a line per key, each 32 bytes
// as hexadecimal digits. The path is for the error only.
func ParseDeployment(path string, text []byte) ([][]byte, error) {
	var lines [][]byte
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		key, err := hex.DecodeString(line)
		if err != nil || len(key) != Size {
			return nil, fmt.Errorf("key file %s: want %d bytes as hexadecimal digits in each line", path, Size)
		}
		if !slices.ContainsFunc(lines, func(other []byte) bool { return bytes.Equal(other, key) }) {
			lines = append(lines, key)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("key file %s: want %d bytes as hexadecimal digits", path, Size)
	}
	return lines, nil
}

// AddDeployment puts a key on top of an existing key file, or takes it there
// when it is further down. The file is replaced whole. One process at a time may.
func AddDeployment(path string, key []byte) error {
	lines, err := ReadDeployment(path)
	if err != nil {
		return err
	}
	lines = slices.DeleteFunc(lines, func(other []byte) bool { return bytes.Equal(other, key) })
	if err := writeNew(path, deploymentText(append([][]byte{key}, lines...)), 0o600); err != nil {
		return err
	}
	return syncFolder(path)
}

// syncFolder makes a file's name outlive a power cut: what is then sealed with
// its key would be lost with it.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("key file: %w", err)
	}
	return nil
}

// NewDeployment makes a random key.
func NewDeployment() []byte {
	key := make([]byte, Size)
	rand.Read(key)
	return key
}

func deploymentText(lines [][]byte) []byte {
	var text []byte
	for _, line := range lines {
		text = append(hex.AppendEncode(text, line), '\n')
	}
	return text
}

// createDeployment makes a key file unless another process is first. The file
// appears with its whole content, so that nobody reads half of a key.
func createDeployment(path string) (created bool, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("key file: %w", err)
		}
	}()
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, err
	}
	file, err := os.CreateTemp(dir, filepath.Base(path)+".*.new") // mode 0600
	if err != nil {
		return false, err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(deploymentText([][]byte{NewDeployment()}))
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return false, err
	}
	err = os.Link(file.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, syncFolder(path)
}
