package driver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"github.com/google/uuid"
)

// ErrNotRunning is answered for a handle whose sandbox has ended.
var ErrNotRunning = errors.New("the sandbox does not run")

// Driver runs sandboxes, each with one editor server in it. Every method may
// be called concurrently, also for the same handle; a sandbox outlives the
// process that made it.
type Driver interface {
	// Name is the isolation class as the API calls it, such as "directory".
	Name() string
	// Probe really starts something, under a hard timeout of its own, and says
	// what this machine can enforce. An error means the driver can't be used.
	Probe(ctx context.Context) (Caps, error)
	// Prepare makes the sandbox, yet without the user's data. The handle is
	// remembered by the driver before it returns.
	Prepare(ctx context.Context, spec Spec) (Handle, error)
	// Attach gives the sandbox its user's volume and starts the editor in it.
	// The returned handle replaces the one passed.
	Attach(ctx context.Context, h Handle, v Volume) (Handle, error)
	// Dial connects to the editor. It treats everything inside the sandbox as
	// hostile. ErrNotRunning, or the reason why there is no connection.
	Dial(ctx context.Context, h Handle) (net.Conn, error)
	// Stop ends every process of the sandbox, politely and then by force. It is
	// no error when there is none.
	Stop(ctx context.Context, h Handle) error
	// Destroy forgets a stopped sandbox and frees what it held. Volumes stay.
	Destroy(ctx context.Context, h Handle) error
	// Stats says what the sandbox uses. ErrNotRunning when it has ended.
	Stats(ctx context.Context, h Handle) (Stats, error)
	// List gives every sandbox the driver remembers and whether it really
	// runs. On an error nothing may be concluded from the list.
	List(ctx context.Context) ([]Handle, error)
	// Logs gives the last lines that the editor server printed.
	Logs(ctx context.Context, h Handle, lines int) ([]string, error)
}

// ErrPortClosed is answered when nothing inside a sandbox listens on a port.
var ErrPortClosed = errors.New("nothing listens on the port")

// ErrNoPorts is answered by drivers whose sandboxes' ports can't be reached.
var ErrNoPorts = errors.New("ports can't be reached in this isolation class")

// Ports is what a driver can do, beside Driver, that reaches the TCP ports of
// what runs in a sandbox.
type Ports interface {
	// Ports gives those on which something inside listens, by number.
	// ErrNotRunning when the sandbox has ended.
	Ports(ctx context.Context, h Handle) ([]Port, error)
	// DialPort connects to one, and to nothing outside of the sandbox.
	// ErrPortClosed, or ErrNotRunning.
	DialPort(ctx context.Context, h Handle, port int) (net.Conn, error)
}

// What Terminals answers.
var (
	// ErrTerminals: the sandbox has as many shells as it may.
	ErrTerminals = errors.New("there are too many terminals already")
	// ErrTaken: somebody else has attached to the same shell.
	ErrTaken = errors.New("the terminal was taken over")
	// ErrNoTerminals: this sandbox was made without.
	ErrNoTerminals = errors.New("the sandbox shows no terminals")
)

// ExitError says that a shell has ended.
type ExitError struct{ Code int }

func (e ExitError) Error() string { return fmt.Sprintf("the shell has ended with %d", e.Code) }

// Terminals is what a driver can do, beside Driver, that opens shells in a
// sandbox. They have the rights, the environment and the limits of its editor.
type Terminals interface {
	// Terminal attaches to the shell of a name, which is started if there is
	// none; whoever watched it before is let go. ErrNotRunning, ErrTerminals or
	// ErrNoTerminals.
	Terminal(ctx context.Context, h Handle, t Terminal) (Shell, error)
}

// Shell is one end of a terminal. Receive is for one goroutine, Send and Resize
// for another; Close ends both, and leaves the shell running.
type Shell interface {
	// Resumed says that the shell was there before; it then begins with the end
	// of what it printed.
	Resumed() bool
	// Receive gives what is printed, until the next call. ExitError, ErrTaken, or
	// ErrNotRunning when the sandbox has ended.
	Receive() ([]byte, error)
	// Send types; at most 64 KiB at once.
	Send(p []byte) error
	Resize(cols, rows uint16) error
	Close() error
}

// Runner is what a driver can do, beside Driver, that runs programs in a sandbox.
type Runner interface {
	// Execute runs a program to its end, or until ctx ends, and gives its exit code.
	// output is shown what it prints. ErrNotRunning or ErrNoTerminals.
	Execute(ctx context.Context, h Handle, c Command, output func([]byte)) (exit int, err error)
}

// ErrNoWarmth is answered where a sandbox can't be made before its user is known,
// or not be given to this one; the sandbox, if there is one, is as it was.
var ErrNoWarmth = errors.New("sandboxes can't be made ahead")

// ErrSlots is answered while another process has the slots.
var ErrSlots = errors.New("another process keeps sandboxes ready")

// Warmer is what a driver can do, beside Driver, that makes sandboxes ahead:
// with an editor that runs, and for nobody yet. Such a sandbox is called a slot.
// Its handle is good for Dial, Stats, Stop and Destroy; List doesn't show it.
type Warmer interface {
	// Slots gives this process the machine's slots until release. Those of
	// earlier processes that would be made just so now are given, the others
	// ended. ErrSlots or ErrNoWarmth.
	Slots(ctx context.Context, env []string) (slots []Handle, release func() error, err error)
	// Warm makes a slot, whose editor is told env besides what every one is.
	// ErrNoWarmth.
	Warm(ctx context.Context, env []string) (Handle, error)
	// Claim is Prepare with a slot. Unless it answers ErrNoWarmth the slot is a
	// workspace's or, after an error, to be ended; it is nobody else's ever.
	Claim(ctx context.Context, slot Handle, spec Spec) (Handle, error)
}

// Reacher is what a driver can do, beside Driver, whose sandboxes are run by
// somebody else.
type Reacher interface {
	// Reach asks whether they answer. It costs little.
	Reach(ctx context.Context) error
}

// Addresser is what a driver can do, beside Driver, in whose sandboxes the
// platform is not reached at its public address.
type Addresser interface {
	// Address is where programs inside reach the platform that has the given
	// public URL; both without a slash at the end.
	Address(public string) string
}

// Volumes keeps the users' files, apart from what runs.
type Volumes interface {
	// Ensure makes a workspace's volume if it is not there, filled with the
	// seed. An existing one is left as it is.
	Ensure(ctx context.Context, spec VolumeSpec) (Volume, error)
	// Usage is how many bytes of disk the volume takes.
	Usage(ctx context.Context, v Volume) (int64, error)
	// Delete removes a workspace's files. It is no error when there are none.
	Delete(ctx context.Context, v Volume) error
	// DeleteUser removes everything kept for a user.
	DeleteUser(ctx context.Context, owner Owner) error
}

// ErrDiskFull is answered when a volume would take more of a disk that is
// nearly full.
var ErrDiskFull = errors.New("the disk is nearly full")

// Limiter is what volumes can do, beside Volumes, that hold a user's files to
// the limit of their VolumeSpec.
type Limiter interface {
	// Total is what all of a user's files take and may take, in bytes; limited is
	// false where nothing holds them to it.
	Total(ctx context.Context, owner Owner) (used, limit int64, limited bool, err error)
	// Rest lets go of what this machine holds for users whose files nobody has
	// used for a while; with now, also of those whose somebody just has.
	Rest(ctx context.Context, now bool, inUse func(Owner) bool) error
	// Free is how many bytes the disk of all volumes has left. Below the reserve
	// nothing new is put on it.
	Free() (free, reserve int64, err error)
}

// Exporter is what volumes can do, beside Volumes, that can be read whole
// without a sandbox.
type Exporter interface {
	// Export shows what lies in a volume, also while its workspace runs, to a
	// visitor whose first error ends it. Nothing outside of the volume is read,
	// whatever its user has put into it. A volume that is not there is empty.
	Export(ctx context.Context, v Volume, visit Visitor) error
}

// Visitor is shown a volume. Names are relative and slash-separated, as they
// are on disk: they need not be UTF-8.
type Visitor interface {
	// File is a regular file; content has at most size bytes.
	File(name string, size int64, content io.Reader) error
	// Link is a symbolic link, which is not followed.
	Link(name, target string) error
	// Skipped is something that can't be given, with the reason in words.
	Skipped(name, reason string) error
}

// Folders is what volumes can do, beside Volumes, whose files can be worked on
// without a sandbox.
type Folders interface {
	// Folder opens a volume for do, which works in it with the rights of the
	// volume's user and no others: what it makes is the user's, and what the user
	// may not touch it can't. do must not keep the root, nor share it with
	// another goroutine. A volume that is not there answers fs.ErrNotExist.
	Folder(ctx context.Context, v Volume, do func(root *os.Root) error) error
	// Commits opens the lock that changes to a workspace's files take, of whichever
	// service that works on these volumes; done closes it.
	Commits(workspace uuid.UUID) (lock sync.Locker, done func(), err error)
}

// ErrNotYet is answered while nothing can run that reaches a volume.
var ErrNotYet = errors.New("the files can't be reached yet")

// Remote is what volumes can do, beside Volumes, whose files lie where this
// process has no hand.
type Remote interface {
	// Reach connects to a server of package files/remote that works in a volume
	// which Ensure has made, with the rights of the volume's user and no others.
	// Whoever asked closes the connection. ErrNotYet.
	Reach(ctx context.Context, v Volume) (net.Conn, error)
}
