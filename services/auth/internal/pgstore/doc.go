// Package pgstore keeps accounts, plans and sessions in Postgres, schema auth,
// and owns the migrations of that schema and of the audit log. It turns what
// Postgres answers into the errors of the domains; no rule is decided here.
package pgstore
