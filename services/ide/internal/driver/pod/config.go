package pod

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/uuid"
)

// Places inside a pod, beside those of package vscode.
const (
	// Keeper is the program workspace-keeper of the image.
	Keeper = "/opt/workspace-keeper"
	// Port is where it listens for the driver.
	Port = 7130
	// Dir holds what a pod is told, in the files of the names below.
	Dir = "/run/atrium-pod"
	// Volume is where the whole volume of a user is, while it is prepared and where
	// nothing of the user's runs.
	Volume = "/volume"

	ConfigFile = "config.json"
	SeedFile   = "seed.tar"
	PasswdFile = "passwd"
	GroupFile  = "group"
)

// Config is what a pod is told.
type Config struct {
	// WorkspaceID is nil in a pod that serves files of all of the user's.
	WorkspaceID uuid.UUID `json:"workspaceId"`
	UID         int       `json:"uid"`
	// Folder is what the project's folder is called.
	Folder string `json:"folder"`
	// Seed and Driver are the keeper's private key and the driver's public one.
	Seed   []byte `json:"seed"`
	Driver []byte `json:"driver"`
	// Platform is the platform's public URL, and Gateway where it is reached
	// instead, as host:port; without, programs use the public URL themselves.
	Platform string `json:"platform,omitempty"`
	Gateway  string `json:"gateway,omitempty"`
}

// Read reads the configuration inside.
func Read() (Config, error) {
	var c Config
	text, err := os.ReadFile(filepath.Join(Dir, ConfigFile))
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err != nil {
		return c, fmt.Errorf("what the pod is told: %w", err)
	}
	return c, nil
}
