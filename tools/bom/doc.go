// Bom writes the bill of materials of an image as CycloneDX, from the image's files:
// what the Go programs in it are linked of, the packages of Debian, those of npm. It
// says nothing that it has not found there but for pages, which are compiled into
// programs: their packages are those that the lock file of npm names for production.
//
//	docker export CONTAINER | bom [-lock FILE]… NAME VERSION
//
// The same files give the same bytes, so that two builds can be compared by it: a
// property holds the digest of all names, owners, rights and contents.
package main
