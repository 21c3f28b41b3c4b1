package pgstore

import (
	"embed"
	"io/fs"
)

// Schema is the schema of this service, and the name of its role.
const Schema = "ai"

// Needs are the other services' tables that the migrations refer to.
var Needs = []string{"auth.users"}

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the schema's steps in order.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}
