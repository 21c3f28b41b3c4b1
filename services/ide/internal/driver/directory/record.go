package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/userdata"
)

// recordVersion is raised when a record can no longer be read as before.
const recordVersion = 1

// record is what the driver remembers of a sandbox, on disk and in the handle.
// The process is named by pid, start time and boot, so that a pid given to
// another process later is not mistaken for it.
type record struct {
	Version     int           `json:"version"`
	WorkspaceID uuid.UUID     `json:"workspaceId"`
	Owner       driver.Owner  `json:"owner"`
	UID         int           `json:"uid"`
	Hostname    string        `json:"hostname"`
	Limits      driver.Limits `json:"limits"`
	Name        string        `json:"name"` // of the project's folder
	Folder      string        `json:"folder"`
	SocketDir   string        `json:"socketDir"`
	// Contained says that ending the first process's tree ends everything.
	Contained bool `json:"contained"`
	// Cgroup says that the sandbox has a control group, named by place.
	Cgroup  bool    `json:"cgroup"`
	Process process `json:"process"`
	// Slot names a sandbox that was made before its workspace was known, and UID
	// is then of its own: the user's files are shown to it as that uid's. Warm
	// says that it has no user yet; its WorkspaceID is Slot.
	Slot uuid.UUID `json:"slot,omitzero"`
	Warm bool      `json:"warm,omitempty"`
	// Made tells what a warm sandbox was made of.
	Made string `json:"made,omitempty"`
}

// place names the sandbox's run folder and its control group.
func (r record) place() uuid.UUID {
	if r.Slot != uuid.Nil {
		return r.Slot
	}
	return r.WorkspaceID
}

func (r record) handle() (driver.Handle, error) {
	encoded, err := json.Marshal(r)
	if err != nil {
		return driver.Handle{}, fmt.Errorf("sandbox record: %w", err)
	}
	return driver.Handle{
		WorkspaceID: r.WorkspaceID, Owner: r.Owner,
		ID:  fmt.Sprintf("directory-%d", r.Process.PID),
		PID: r.Process.PID, Folder: r.Folder, Warm: r.Slot != uuid.Nil,
		Running: r.Process.alive(), State: encoded,
	}, nil
}

func decode(text []byte) (record, error) {
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return record{}, fmt.Errorf("sandbox record: %w", err)
	}
	if r.Version != recordVersion {
		return record{}, fmt.Errorf("sandbox record of %s has version %d, this program reads %d", r.WorkspaceID, r.Version, recordVersion)
	}
	return r, nil
}

func (d *Driver) records() string { return filepath.Join(d.Notes(), "sandboxes") }

func (d *Driver) record(workspace uuid.UUID) string {
	return filepath.Join(d.records(), workspace.String()+".json")
}

// prepare makes the driver's own folders.
func (d *Driver) prepare() error {
	if err := d.Make(); err != nil {
		return err
	}
	if err := os.MkdirAll(d.records(), 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}

func (d *Driver) save(r record) error {
	if r.Warm {
		return userdata.WriteJSON(d.slot(r.Slot), r)
	}
	return userdata.WriteJSON(d.record(r.WorkspaceID), r)
}

// saved gives the record of one workspace; found is false when there is none.
func (d *Driver) saved(workspace uuid.UUID) (r record, found bool, err error) {
	text, err := os.ReadFile(d.record(workspace))
	if errors.Is(err, fs.ErrNotExist) {
		return record{}, false, nil
	}
	if err != nil {
		return record{}, false, fmt.Errorf("sandbox record: %w", err)
	}
	r, err = decode(text)
	return r, err == nil, err
}

// allSaved gives every record; one that can't be read fails the whole list,
// because a sandbox that is left out could be taken for gone.
func (d *Driver) allSaved() ([]record, error) {
	entries, err := os.ReadDir(d.records())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox records: %w", err)
	}
	var all []record
	for _, entry := range entries {
		name, isRecord := strings.CutSuffix(entry.Name(), ".json")
		if !isRecord || strings.HasPrefix(name, ".") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(d.records(), entry.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // destroyed meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("sandbox records: %w", err)
		}
		r, err := decode(text)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}
