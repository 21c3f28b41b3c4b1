// Package alert tells those concerned that a month's tokens or money run out:
// at 50, 80 and 100 % of an account's plan and of the deployment's budget, each
// once a month. It decides what is due and goes on sending until word has
// arrived; the sums are the ledger's, and how a word travels the senders'.
package alert
