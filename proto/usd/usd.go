// Package usd is the contract on money: messages write dollars as floating
// point for people, programs count in whole millionths of a dollar.
package usd

import "math"

// PerDollar is the number of micro-dollars in a dollar.
const PerDollar = 1_000_000

// Unlimited is a budget that bounds nothing, in either unit.
const Unlimited = -1

// Micro gives dollars in micro-dollars, rounded to the nearest.
func Micro(dollars float64) int64 { return int64(math.Round(dollars * PerDollar)) }

// Dollars gives micro-dollars in dollars.
func Dollars(micro int64) float64 { return float64(micro) / PerDollar }

// ReadBudget gives a message's budget in micro-dollars; an absent one is Unlimited.
func ReadBudget(dollars *float64) int64 {
	if dollars == nil || *dollars == Unlimited {
		return Unlimited
	}
	return Micro(*dollars)
}

// WriteBudget gives a budget as messages have it.
func WriteBudget(micro int64) *float64 {
	dollars := float64(Unlimited)
	if micro >= 0 {
		dollars = Dollars(micro)
	}
	return &dollars
}
