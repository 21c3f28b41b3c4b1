package driver

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Owner is a user, as far as a driver needs to know one.
type Owner = uuid.UUID

// Spec is what a sandbox shall be.
type Spec struct {
	WorkspaceID uuid.UUID
	Owner       Owner
	// Hostname is what the shell's prompt shows: lower-case letters, digits, dashes.
	Hostname string
	// Folder is what the project's folder is called inside, where the driver
	// can choose: a plain name.
	Folder string
	Limits Limits
	// Cold asks for a sandbox that is made for it from the beginning.
	Cold bool
}

// hostnames are what the engine and the cluster take for one.
var hostnames = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Sane refuses what would not stay what it is in a container's specification.
func (s Spec) Sane() error {
	if s.Folder == "" || s.Folder != filepath.Base(s.Folder) || strings.HasPrefix(s.Folder, ".") || strings.ContainsAny(s.Folder, ",:\x00") {
		return fmt.Errorf("%q can't be the name of a folder", s.Folder)
	}
	if !hostnames.MatchString(s.Hostname) {
		return fmt.Errorf("%q can't be the name of a host", s.Hostname)
	}
	return nil
}

// Limits are what a sandbox may use; -1 is unlimited.
type Limits struct {
	// CPUMillis is in thousandths of a core.
	CPUMillis   int64
	MemoryBytes int64
	Processes   int64
}

// Handle names one sandbox. Only State is the driver's secret; the rest is for
// its users.
type Handle struct {
	WorkspaceID uuid.UUID
	Owner       Owner
	// Class is the isolation class of its driver, where several are told apart.
	Class string
	// ID is a name for people and for the database, such as "directory-4711".
	ID string
	// PID is the sandbox's process on this machine; 0 when it has none here.
	PID int
	// Folder is the project's folder as seen inside.
	Folder string
	// Env is what the editor that Attach starts is told besides what every one is,
	// as name=value. It may hold secrets, and is kept nowhere.
	Env []string
	// Warm says that it was made before its workspace was known.
	Warm bool
	// Running says whether it ran when the handle was made or listed.
	Running bool
	// State is a versioned record that lets a later process find the sandbox.
	State json.RawMessage
}

// Caps says what a driver enforces on this machine.
type Caps struct {
	// Summary is one phrase on how sandboxes are made.
	Summary string
	// Weaker lists, in words for an operator, what is weaker here than the
	// driver can be; empty when nothing is.
	Weaker []string
}

// Stats is what a sandbox uses at one moment.
type Stats struct {
	// CPUTime is the processor time used since it started.
	CPUTime     time.Duration
	MemoryBytes int64
	Processes   int64
	// OutOfMemory counts processes that were ended for lack of memory.
	OutOfMemory int64
	// At is when it was measured.
	At time.Time
}

// Port is a TCP port on which a program in a sandbox listens.
type Port struct {
	Number int
	// Process is the program's name; empty when it can't be told.
	Process string
}

// Command is a program to run in a sandbox, in the project's folder and with the
// editor's environment. Nothing in it may be secret.
type Command struct {
	Args []string `json:"args"`
	// Env is added to the environment, as name=value.
	Env []string `json:"env,omitempty"`
}

// Terminal names a shell of a sandbox and the size of who looks at it.
type Terminal struct {
	Session string `json:"session"`
	Cols    uint16 `json:"cols"`
	Rows    uint16 `json:"rows"`
}

// VolumeSpec is what a volume shall be.
type VolumeSpec struct {
	WorkspaceID uuid.UUID
	Owner       Owner
	// Seed is copied into a new volume; nil for an empty one.
	Seed fs.FS
	// Limit is how many bytes all of the owner's files may take together, where
	// the volumes can hold them to it; zero and below is unlimited.
	Limit int64
	// Idle says that nothing of the owner's runs.
	Idle bool
}

// Volume is the place of one workspace's files.
type Volume struct {
	WorkspaceID uuid.UUID
	Owner       Owner
}
