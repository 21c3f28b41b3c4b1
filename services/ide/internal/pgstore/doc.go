// Package pgstore keeps workspaces, their events, running time and sessions in
// Postgres. It turns missing rows and unique violations into the domains'
// errors; no type of the driver leaves it. It decides nothing.
package pgstore
