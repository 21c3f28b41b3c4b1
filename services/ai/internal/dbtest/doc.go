// Package dbtest makes a database for the ai service's tests: a real Postgres
// with this service's schema, and stand-ins for the two tables of the auth
// service that it refers to, since services don't import one another.
package dbtest
