// Package postgres runs a private Postgres server for a program that was given
// no database: it finds an installed Postgres, makes the cluster on the first
// start, listens on a Unix socket only, and finds the server again when the
// program was killed and started anew.
//
// It owns the server and its files, not the schemas in it. It never deletes or
// converts a data directory.
package postgres
