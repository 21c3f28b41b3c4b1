package docker

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// generation is raised when containers can no longer be read as before.
const generation = 1

// Labels of the driver's containers.
const (
	labelDeployment = "atrium.deployment"
	labelGeneration = "atrium.generation"
	labelClass      = "atrium.class"
	labelWorkspace  = "atrium.workspace"
	labelOwner      = "atrium.owner"
	labelUID        = "atrium.uid"
	labelFolder     = "atrium.folder"
	// labelSlot is on containers that were made before their workspace was known;
	// labelMade then tells of what.
	labelSlot = "atrium.slot"
	labelMade = "atrium.made"
)

// record is what the driver knows of a sandbox, in the container's labels and in
// the handle.
type record struct {
	Generation  int          `json:"generation"`
	Container   string       `json:"container"`
	WorkspaceID uuid.UUID    `json:"workspaceId"`
	Owner       driver.Owner `json:"owner"`
	UID         int          `json:"uid"`
	Name        string       `json:"name"` // of the project's folder
	// Slot names a sandbox that was made before its workspace was known, and UID
	// is then of its own: the user's files are shown to it as that uid's. As long
	// as it has no user, Slot is its WorkspaceID too.
	Slot uuid.UUID `json:"slot,omitzero"`
}

// place names the sandbox's run folder.
func (r record) place() uuid.UUID {
	if r.Slot != uuid.Nil {
		return r.Slot
	}
	return r.WorkspaceID
}

// vacant says that it has no user yet.
func (r record) vacant() bool { return r.Slot != uuid.Nil && r.Slot == r.WorkspaceID }

func (r record) labels(deployment uuid.UUID, class string) map[string]string {
	labels := map[string]string{
		labelDeployment: deployment.String(), labelGeneration: strconv.Itoa(r.Generation), labelClass: class,
		labelWorkspace: r.WorkspaceID.String(), labelOwner: r.Owner.String(),
		labelUID: strconv.Itoa(r.UID), labelFolder: r.Name,
	}
	if r.Slot != uuid.Nil {
		labels[labelSlot] = r.Slot.String()
	}
	return labels
}

// labelled reads a record from a container of this deployment. One that can't be
// read is an error: left out of a list, it could be taken for gone. Labels can't
// be changed, so whose a slot has become is told by its claim.
func (d *Driver) labelled(id string, labels map[string]string) (record, error) {
	r := record{Container: id, Name: labels[labelFolder]}
	var errs [5]error
	r.Generation, errs[0] = strconv.Atoi(labels[labelGeneration])
	r.WorkspaceID, errs[1] = uuid.Parse(labels[labelWorkspace])
	r.Owner, errs[2] = uuid.Parse(labels[labelOwner])
	r.UID, errs[3] = strconv.Atoi(labels[labelUID])
	if slot, ok := labels[labelSlot]; ok {
		r.Slot, errs[4] = uuid.Parse(slot)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return record{}, fmt.Errorf("labels of container %s: %w", id, err)
	}
	if err := r.readable(); err != nil || r.Slot == uuid.Nil {
		return r, err
	}
	return d.claimed(r)
}

func (r record) readable() error {
	if r.Generation != generation {
		return fmt.Errorf("container %s is of generation %d, this program reads %d", r.Container, r.Generation, generation)
	}
	return nil
}

func decode(text []byte) (record, error) {
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return record{}, fmt.Errorf("sandbox record: %w", err)
	}
	return r, r.readable()
}

// handle describes the sandbox; pid is 0 when it does not run.
func (d *Driver) handle(r record, pid int, running bool) (driver.Handle, error) {
	encoded, err := json.Marshal(r)
	if err != nil {
		return driver.Handle{}, fmt.Errorf("sandbox record: %w", err)
	}
	return driver.Handle{
		WorkspaceID: r.WorkspaceID, Owner: r.Owner, ID: d.Name() + "-" + r.Container[:min(len(r.Container), 12)], PID: pid,
		Folder: vscode.Inside(r.Name).Project, Running: running, Warm: r.Slot != uuid.Nil, State: encoded,
	}, nil
}

// parseDeployment reads the deployment's name.
func parseDeployment(text []byte) (id uuid.UUID, err error) {
	if err := json.Unmarshal(text, &id); err != nil {
		return id, fmt.Errorf("the deployment's name: %w", err)
	}
	return id, nil
}

// A container runs before its editor does. Only the mark says that Attach got to
// its end; without it, the container is one to begin anew.
func (d *Driver) mark(place uuid.UUID) string {
	return filepath.Join(d.Sandbox(place), "started")
}

func (d *Driver) setMark(r record) error {
	if err := os.WriteFile(d.mark(r.place()), nil, 0o600); err != nil {
		return fmt.Errorf("run directory: %w", err)
	}
	return nil
}

func (d *Driver) marked(place uuid.UUID) (bool, error) {
	_, err := os.Lstat(d.mark(place))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
