// Package pgdb opens Postgres for one service: a pool that acts as the
// service's own role, its migrations under a lock, transactions, batches,
// and the bookkeeping of idempotent creation. Queries belong to each service's store.
package pgdb
