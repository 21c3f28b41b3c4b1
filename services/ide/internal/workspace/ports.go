package workspace

import (
	"context"
	"io/fs"
	"net"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/ide/internal/driver"
)

// Store keeps workspaces. Everything that is not there answers ErrNotFound.
type Store interface {
	// Create keeps a new workspace unless its owner has maximum already
	// (ErrTooMany; -1 is unlimited) or one of that name (ErrExists). A repeated
	// call with the same idempotency key answers the workspace of the first.
	Create(ctx context.Context, w Workspace, maximum int64, audit Audit) (Workspace, error)
	Get(ctx context.Context, id uuid.UUID) (Workspace, error)
	// List gives an owner's workspaces that are not being deleted, newest
	// first, from the one after the given id on; a zero id begins.
	List(ctx context.Context, owner, after uuid.UUID, limit int) ([]Workspace, error)
	// Summarize counts the workspaces of all users that are not being deleted.
	Summarize(ctx context.Context) (Summary, error)
	// All gives workspaces of all owners, in the order and by the rules of List.
	All(ctx context.Context, f Filter, after uuid.UUID, limit int) ([]Workspace, error)
	// Update locks the row, lets change alter it, and keeps the result and what
	// goes with it. An error of change undoes everything and is answered.
	Update(ctx context.Context, id uuid.UUID, change func(*Workspace) (Change, error)) (Workspace, error)
	// Unsettled gives all workspaces that run, shall run, are on their way, or
	// are to be deleted.
	Unsettled(ctx context.Context) ([]Workspace, error)
	// Unused gives stopped workspaces that nobody has used since a moment and that
	// have no date of deletion, or one that is due.
	Unused(ctx context.Context, since, due time.Time, limit int) ([]Workspace, error)
	// Delete removes the row of a workspace that is to be deleted.
	Delete(ctx context.Context, id uuid.UUID) error
}

// Recent knows workspaces as they were a moment ago, which is good enough to show
// them, and less work than to read them.
type Recent interface {
	Recent(ctx context.Context, id uuid.UUID) (Workspace, error)
}

// fromStore is a Recent that reads.
type fromStore struct{ Store }

func (s fromStore) Recent(ctx context.Context, id uuid.UUID) (Workspace, error) {
	return s.Get(ctx, id)
}

// Journal reads events.
type Journal interface {
	// Events gives the events after a sequence number, oldest first.
	Events(ctx context.Context, workspace uuid.UUID, after int64, limit int) ([]Event, error)
}

// Ledger knows the running time.
type Ledger interface {
	// Used is how long an owner's workspaces ran between two moments, added up.
	Used(ctx context.Context, owner uuid.UUID, from, to time.Time) (time.Duration, error)
	// Uses adds up what each user uses between two moments.
	Uses(ctx context.Context, from, to time.Time) ([]Use, error)
	// Stretches gives an owner's running times after one, oldest first; the zero
	// id begins.
	Stretches(ctx context.Context, owner, after uuid.UUID, limit int) ([]Stretch, error)
	// Seen notes that workspaces run at this moment.
	Seen(ctx context.Context, workspaces []uuid.UUID, at time.Time) error
	// Touch notes that somebody works in a workspace.
	Touch(ctx context.Context, workspace uuid.UUID, at time.Time) error
}

// Removals lists files whose owners are gone.
type Removals interface {
	Removals(ctx context.Context) ([]Removal, error)
	Removed(ctx context.Context, r Removal) error
}

// Removal asks for the deletion of one workspace's files.
type Removal struct{ UserID, WorkspaceID uuid.UUID }

// Bus tells watchers, those of other replicas too, that a workspace has news.
// It may lose some: watchers also look by themselves now and then.
type Bus interface {
	Publish(ctx context.Context, workspace uuid.UUID)
	// Subscribe gives a channel that gets a value after news; call cancel in the end.
	Subscribe(workspace uuid.UUID) (news <-chan struct{}, cancel func())
	// Others gives the workspaces of which other replicas have published news.
	Others() <-chan uuid.UUID
}

// Editor waits until the editor behind dial serves its page.
type Editor interface {
	Await(ctx context.Context, dial func(context.Context) (net.Conn, error)) error
}

// Sandboxes runs workspaces, in one or several isolation classes. What its
// methods do is what those of driver.Driver and driver.Ports do.
type Sandboxes interface {
	// Default is the class of plans that name none.
	Default() string
	// Has reports whether there is a driver of the class.
	Has(class string) bool
	// Classes gives all of them.
	Classes() []string
	// Ready reports whether a sandbox of the class is there that was made ahead.
	Ready(class string) bool
	// List gives the sandboxes of every class that answers, and why the others
	// do not: of those nothing may be concluded.
	List(ctx context.Context) (handles []driver.Handle, silent map[string]error)
	Prepare(ctx context.Context, class string, spec driver.Spec) (driver.Handle, error)
	Attach(ctx context.Context, h driver.Handle, v driver.Volume) (driver.Handle, error)
	Dial(ctx context.Context, h driver.Handle) (net.Conn, error)
	Stop(ctx context.Context, h driver.Handle) error
	Destroy(ctx context.Context, h driver.Handle) error
	Stats(ctx context.Context, h driver.Handle) (driver.Stats, error)
	Logs(ctx context.Context, h driver.Handle, lines int) ([]string, error)
	// Ports and DialPort answer driver.ErrNoPorts in a class without.
	Ports(ctx context.Context, h driver.Handle) ([]driver.Port, error)
	DialPort(ctx context.Context, h driver.Handle, port int) (net.Conn, error)
	// Execute is driver.Runner's, or driver.ErrNoTerminals.
	Execute(ctx context.Context, h driver.Handle, c driver.Command, output func([]byte)) (exit int, err error)
	// Terminal is driver.Terminals', or driver.ErrNoTerminals.
	Terminal(ctx context.Context, h driver.Handle, t driver.Terminal) (driver.Shell, error)
	// Address is where programs in a sandbox of the class reach the platform
	// that has the given public URL.
	Address(class, public string) string
}

// Templates knows what new workspaces can be filled with.
type Templates interface {
	// Seed gives the files of a template; ok is false for an unknown one.
	Seed(id string) (files fs.FS, ok bool)
}
