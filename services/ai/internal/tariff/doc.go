// Package tariff knows what tokens are and what they cost: the kinds that
// providers count, an estimate for when nobody counted, and a dated price
// list, which also knows what the models can do. It owns the arithmetic of money, which is done in whole micro-dollars;
// who used what is the ledger's.
package tariff
