// Package smalldisk makes real disks that tests can fill: ext4 in a sparse file.
package smalldisk
