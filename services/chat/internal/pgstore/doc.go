// Package pgstore keeps conversations and messages in Postgres, schema chat,
// and owns the migrations of that schema. It turns what Postgres answers into
// the errors of the domains.
package pgstore
