package kubernetes

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	core "k8s.io/api/core/v1"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/vscode"
)

// generation is raised when pods can no longer be read as before.
const generation = 1

// Labels and annotations of the driver's objects.
const (
	labelDeployment = "atrium.deployment"
	labelGeneration = "atrium.generation"
	labelClass      = "atrium.class"
	labelWorkspace  = "atrium.workspace"
	labelOwner      = "atrium.owner"
	labelComponent  = "app.kubernetes.io/component"

	noteUID    = "atrium.uid"
	noteFolder = "atrium.folder"
	// noteStarted says that Attach got to its end: a pod runs before its editor
	// does, and one without this is one to begin anew.
	noteStarted = "atrium.started"
)

// record is what the driver knows of a sandbox, in the pod's labels and in the
// handle.
type record struct {
	Generation  int          `json:"generation"`
	Pod         string       `json:"pod"`
	PodUID      string       `json:"podUid"`
	IP          string       `json:"ip,omitempty"`
	WorkspaceID uuid.UUID    `json:"workspaceId"`
	Owner       driver.Owner `json:"owner"`
	UID         int          `json:"uid"`
	Name        string       `json:"name"` // of the project's folder
	// Started says what noteStarted does.
	Started bool `json:"started,omitempty"`

	// secret is what a pod that is being made is told in. One that is made anew
	// has another, so that none gets its predecessor's.
	secret string
}

func (d *Driver) labels(r record) map[string]string {
	return map[string]string{
		"app.kubernetes.io/managed-by": "atrium", labelComponent: "workspace",
		labelDeployment: d.options.Deployment, labelGeneration: strconv.Itoa(r.Generation), labelClass: d.Name(),
		labelWorkspace: r.WorkspaceID.String(), labelOwner: r.Owner.String(),
	}
}

func (r record) notes() map[string]string {
	return map[string]string{noteUID: strconv.Itoa(r.UID), noteFolder: r.Name}
}

// recorded reads a record from a pod of this deployment. One that can't be read
// is an error: left out of a list, it could be taken for gone.
func recorded(p *core.Pod) (record, error) {
	r := record{Pod: p.Name, PodUID: string(p.UID), IP: p.Status.PodIP, Name: p.Annotations[noteFolder], Started: p.Annotations[noteStarted] != ""}
	var errs [4]error
	r.Generation, errs[0] = strconv.Atoi(p.Labels[labelGeneration])
	r.WorkspaceID, errs[1] = uuid.Parse(p.Labels[labelWorkspace])
	r.Owner, errs[2] = uuid.Parse(p.Labels[labelOwner])
	r.UID, errs[3] = strconv.Atoi(p.Annotations[noteUID])
	if err := errors.Join(errs[:]...); err != nil {
		return record{}, fmt.Errorf("labels of pod %s: %w", p.Name, err)
	}
	return r, r.readable()
}

func (r record) readable() error {
	if r.Generation != generation {
		return fmt.Errorf("pod %s is of generation %d, this program reads %d", r.Pod, r.Generation, generation)
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

func (d *Driver) handle(r record, running bool) (driver.Handle, error) {
	encoded, err := json.Marshal(r)
	if err != nil {
		return driver.Handle{}, fmt.Errorf("sandbox record: %w", err)
	}
	return driver.Handle{
		WorkspaceID: r.WorkspaceID, Owner: r.Owner, ID: d.Name() + "-" + r.PodUID[:min(len(r.PodUID), 13)],
		Folder: vscode.Inside(r.Name).Project, Running: running, State: encoded,
	}, nil
}

// runs reports whether a pod is a workspace's that has been started and not been
// told to end.
func runs(p *core.Pod) bool {
	return p.Status.Phase == core.PodRunning && p.DeletionTimestamp == nil && p.Annotations[noteStarted] != ""
}

// over reports whether nothing of a pod runs any more, or ever will.
func over(p *core.Pod) bool {
	return p.Status.Phase == core.PodSucceeded || p.Status.Phase == core.PodFailed
}
