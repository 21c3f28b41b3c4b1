// Package volume keeps folders on a machine's own disk that can't grow beyond a
// limit. Each is an ext4 file system in a sparse image, mounted by a loop device
// where the folder would be: any file system of the machine can hold images, and
// every isolation class sees them. Where images can't be mounted, and for whom
// there is no limit, a folder is a plain one; a plain one becomes an image when
// it is asked for and nothing uses it.
//
// A folder is reached through Open, which mounts it first, and never by its
// path alone: what lies below an unmounted one would be a second, empty folder.
// Several processes may work on the same folders: a lock file per folder orders
// their mounting and unmounting.
package volume
