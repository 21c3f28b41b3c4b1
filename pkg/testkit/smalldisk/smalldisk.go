package smalldisk

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Disk is one that is mounted at Path.
type Disk struct {
	Path string
	t    testing.TB
}

// Mount makes a disk of some MiB and mounts it at dir/disk, where anybody may
// write. Where file systems can't be mounted the test is skipped; in CI it fails.
func Mount(t testing.TB, dir string, mebibytes int) *Disk {
	t.Helper()
	d := &Disk{Path: filepath.Join(dir, "disk"), t: t}
	image := filepath.Join(dir, "disk.img")
	// None of it is kept for root: who fills it here is root.
	script := fmt.Sprintf(`PATH=$PATH:/usr/sbin:/sbin; mkdir -p "$1" && truncate --size=%dM "$0" && mkfs.ext4 -q -F -m 0 -O ^has_journal "$0" && mount -o loop "$0" "$1" && chmod 1777 "$1"`, mebibytes)
	if said, err := exec.Command("bash", "-c", script, image, d.Path).CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no disk to fill: %v: %s", err, said)
		}
		t.Skipf("SKIPPED: no disk to fill (a loop device and root's rights are needed): %v: %s", err, said)
	}
	t.Cleanup(func() { _ = syscall.Unmount(d.Path, syscall.MNT_DETACH) }) // a later clean-up may have done it
	return d
}

func (d *Disk) ballast() string { return filepath.Join(d.Path, "ballast") }

// Fill takes all the room there is.
func (d *Disk) Fill() {
	d.t.Helper()
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	size, err := f.Seek(0, 2)
	if err != nil {
		d.t.Fatal(err)
	}
	for step := int64(64 << 20); step >= 4<<10; {
		switch err := syscall.Fallocate(int(f.Fd()), 0, size, step); {
		case err == nil:
			size += step
		case errors.Is(err, syscall.ENOSPC):
			step /= 2
		case !errors.Is(err, syscall.EINTR):
			d.t.Fatalf("fill the disk: %v", err)
		}
	}
}

// Empty gives the room back.
func (d *Disk) Empty() {
	d.t.Helper()
	if err := os.Remove(d.ballast()); err != nil {
		d.t.Fatal(err)
	}
}

// Free is how many bytes are left.
func (d *Disk) Free() int64 {
	d.t.Helper()
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.Path, &fs); err != nil {
		d.t.Fatal(err)
	}
	return int64(fs.Bavail) * fs.Bsize
}
