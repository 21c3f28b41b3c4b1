package directory

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/conformance"
	"atrium.internal/services/ide/internal/driver/userdata"
	"atrium.internal/services/ide/internal/editor"
)

// warmDriver gives a driver that can make slots, whose slots end with the test.
func warmDriver(t *testing.T) (*Driver, []string) {
	t.Helper()
	needVSCode(t)
	needRoot(t)
	d, env := newDriver(t, dataDir(t)), []string{"GREETING=hello"}
	_, release, err := d.Slots(t.Context(), env)
	if errors.Is(err, driver.ErrNoWarmth) {
		t.Skip("SKIPPED: " + err.Error())
	}
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, release())
		slots, release, err := d.Slots(context.Background(), nil) // with another environment, so none is kept
		require.NoError(t, err)
		require.Empty(t, slots)
		require.NoError(t, release())
	})
	return d, env
}

func warm(t *testing.T, d *Driver, env []string) driver.Handle {
	t.Helper()
	h, err := d.Warm(t.Context(), env)
	require.NoError(t, err)
	await(t, d, h)
	return h
}

func await(t *testing.T, d *Driver, h driver.Handle) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, editor.Probe{Every: 20 * time.Millisecond}.Await(ctx, func(ctx context.Context) (net.Conn, error) { return d.Dial(ctx, h) }))
}

// claimed gives a slot to a new user with a new workspace.
func claimed(t *testing.T, d *Driver, slot driver.Handle) (driver.Handle, driver.Volume) {
	t.Helper()
	v, err := d.Ensure(t.Context(), driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New(), Limit: 64 << 20})
	require.NoError(t, err)
	began := time.Now()
	h, err := d.Claim(t.Context(), slot, driver.Spec{
		WorkspaceID: v.WorkspaceID, Owner: v.Owner, Hostname: "mine", Folder: "project",
		Limits: driver.Limits{CPUMillis: 1000, MemoryBytes: 512 << 20, Processes: 200},
	})
	require.NoError(t, err)
	h.Env = []string{"ATRIUM_TOKEN=t0ken", "GREETING=hello"}
	h, err = d.Attach(t.Context(), h, v)
	require.NoError(t, err)
	t.Logf("claimed in %s", time.Since(began))
	t.Cleanup(func() {
		require.NoError(t, d.Stop(context.Background(), h))
		require.NoError(t, d.Destroy(context.Background(), h))
	})
	return h, v
}

// requireClaimed is what the directory driver alone promises of a claimed sandbox.
func requireClaimed(t *testing.T, d *Driver, h driver.Handle, v driver.Volume) {
	t.Helper()
	require.Equal(t, "mine", conformance.Inside(t, d, h, "hostname"))
	uid, err := d.UID(v.Owner)
	require.NoError(t, err)
	root, err := d.EnsureUser(v.Owner, uid)
	require.NoError(t, err)
	defer root.Close()
	info, err := root.Stat(userdata.Home + "/home")
	require.NoError(t, err)
	require.Equal(t, uid, ownerOf(info), "on disk the user's files are the user's")
}

func TestAUsedSlotAndItsUIDAreNobodysAgain(t *testing.T) {
	d, env := warmDriver(t)
	a, _ := claimed(t, d, warm(t, d, env))
	uidOf := func(h driver.Handle) int { r, err := decode(h.State); require.NoError(t, err); return r.UID }
	require.NoError(t, d.Stop(t.Context(), a))
	require.NoError(t, d.Destroy(t.Context(), a))
	slots, _, err := newDriver(t, d.Data).adoptable(t, env)
	require.NoError(t, err)
	require.Empty(t, slots, "what had a user is no slot again")
	require.NotEqual(t, uidOf(a), uidOf(warm(t, d, env)))
}

// adoptable is what a process that comes after this one would take over.
func (d *Driver) adoptable(t *testing.T, env []string) ([]driver.Handle, machine, error) {
	t.Helper()
	m, err := d.warmMachine(t.Context())
	require.NoError(t, err)
	slots, err := d.adopt(t.Context(), d.made(m, env))
	return slots, m, err
}

func TestSlotsOutliveTheProcess(t *testing.T) {
	d, env := warmDriver(t)
	kept, cut := warm(t, d, env), warm(t, d, env)
	r, err := decode(cut.State)
	require.NoError(t, err)
	require.NoError(t, os.Rename(d.slot(r.Slot), d.taken(r.Slot))) // killed as it gave the slot to somebody

	later := newDriver(t, d.Data)
	_, _, err = later.Slots(t.Context(), env)
	require.ErrorIs(t, err, driver.ErrSlots, "an earlier process still has them")
	slots, _, err := later.adoptable(t, env)
	require.NoError(t, err)
	require.Len(t, slots, 1)
	require.Equal(t, kept.PID, slots[0].PID)
	require.False(t, r.Process.alive(), "one that may have a user's files is ended")
	await(t, later, slots[0])
	h, _ := claimed(t, later, slots[0])
	await(t, later, h)

	// The claim's last step is cut: the sandbox is the workspace's all the same.
	claimedRecord, err := decode(h.State)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(later.taken(claimedRecord.Slot), h.State, 0o600))
	slots, _, err = later.adoptable(t, env)
	require.NoError(t, err)
	require.Empty(t, slots)
	require.True(t, claimedRecord.Process.alive())

	other := warm(t, d, env)
	slots, _, err = later.adoptable(t, []string{"GREETING=servus"})
	require.NoError(t, err)
	require.Empty(t, slots, "one that would be made in another way now is ended")
	otherRecord, err := decode(other.State)
	require.NoError(t, err)
	require.False(t, otherRecord.Process.alive())
	left, err := filepath.Glob(filepath.Join(d.slots(), "*.*n"))
	require.NoError(t, err)
	require.Empty(t, left)
}
