// Package pgstore keeps the ledger in Postgres: the table ai.ai_usage and the
// audit rows that go with it. The rules are the ledger's; here are the
// statements that make them hold under concurrency.
package pgstore
