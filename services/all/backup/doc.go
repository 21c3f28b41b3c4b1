// Package backup writes all that a platform keeps into a folder, while the
// platform runs, and puts it back on an empty machine. It runs the programs
// pg_dump, pg_restore and tar. It does not know what the rows and files mean.
//
// The database is one snapshot. Files are copied after it: whatever the database
// says of a workspace, its files are as new or newer. What is in the folder, with
// its checksums, stands in manifest.json, which is written last.
package backup
