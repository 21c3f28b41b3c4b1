package workspace

import (
	"time"

	"github.com/google/uuid"
)

// Status is what a workspace is.
type Status string

// The statuses.
const (
	Stopped  Status = "stopped"
	Starting Status = "starting"
	Running  Status = "running"
	Stopping Status = "stopping"
	Failed   Status = "error"
)

// Desired is what a workspace shall be.
type Desired string

// What may be wanted of a workspace.
const (
	WantStopped Desired = "stopped"
	WantRunning Desired = "running"
	WantDeleted Desired = "deleted"
)

// Workspace is one user's project and the editor over it.
type Workspace struct {
	ID     uuid.UUID
	UserID uuid.UUID
	Name   string
	// Path is the project's folder as seen inside.
	Path         string
	CreatedAt    time.Time
	LastAccessed time.Time
	// KeepUntil is until when its owner wants it to run, whether or not anybody
	// works in it; zero when nothing was asked for.
	KeepUntil time.Time
	// DeleteAt is when it is deleted because nobody uses it, once its owner was
	// told; zero when it is not.
	DeleteAt time.Time
	// ContainerID is the driver's name for the sandbox it last had.
	ContainerID string
	Status      Status
	Metadata    map[string]any
	Desired     Desired
	// Restart asks for one stop on the way to running.
	Restart bool
	// StatusReason says why it is in this status; of a running one, Manager.Reason does.
	StatusReason Reason
	Template     string
	// Isolation is the class of the sandbox that it has, or had last.
	Isolation string
	// Label is the first part of the workspace's host name, random.
	Label  string
	Limits Limits
}

// Limits are the plan's, as they were at the last start; -1 is unlimited.
type Limits struct {
	CPUMillis         int64
	MemoryBytes       int64
	IDESecondsMonthly int64
	// StorageBytes is for all of the user's files together.
	StorageBytes int64
	// Isolation is the class that the plan gives; empty is the deployment's default.
	Isolation string
}

// Event is one thing that happened to a workspace.
type Event struct {
	// Seq counts up from 1 within the workspace, without gaps.
	Seq     int64
	Time    time.Time
	Step    Step
	Message string
	Status  Status
}

// Step names what an event is about.
type Step string

// The steps, in the order in which a start takes them, then the others.
const (
	StepVolume   Step = "volume"
	StepSandbox  Step = "sandbox"
	StepEditor   Step = "editor"
	StepClone    Step = "clone"
	StepReady    Step = "ready"
	StepStopping Step = "stopping"
	StepStopped  Step = "stopped"
	StepError    Step = "error"
	StepDeleted  Step = "deleted"
	StepUnused   Step = "unused"
)

// maxEvents is how many events of a workspace are kept.
const maxEvents = 200

// Change is what goes with a new version of a workspace's row, in one transaction.
type Change struct {
	// Passed are events that are told late, oldest first, before this one. They
	// have their own status, and a time by this process's clock, of which is kept
	// how long ago it was.
	Passed []Event
	// Step and Message are an event for watchers, unless Step is empty.
	Step    Step
	Message string
	// Keep is how many of the workspace's events stay, these included.
	Keep int
	// Audit is a row for the audit log, unless its type is empty.
	Audit Audit
	Meter Meter
}

// Audit is a row of the audit log, such as "workspace.start". The log outlives
// accounts, so it holds no words of theirs, such as a workspace's name.
type Audit struct {
	// By is who did it; zero is the owner.
	By       uuid.UUID
	Type     string
	Metadata map[string]any
}

// Meter says what a change means for the running time that plans count.
type Meter uint8

// What a change can mean for the running time.
const (
	MeterKeep Meter = iota
	// MeterOpen begins a stretch, unless one is open.
	MeterOpen
	// MeterClose ends it now.
	MeterClose
	// MeterLost ends it when the workspace was last seen running.
	MeterLost
)

// event makes a change that is told to watchers.
func event(step Step, message string) Change {
	return Change{Step: step, Message: message, Keep: maxEvents}
}
