package tariff

import (
	"fmt"
	"math/big"
	"strings"
)

// perMillion is the number of tokens that a price is for.
const perMillion = 1_000_000

// microPerDollar is the number of micro-dollars in a dollar.
const microPerDollar = 1_000_000

// Price is what a million tokens of each kind cost, in micro-dollars.
type Price struct {
	Input, Output, CacheRead, CacheWrite int64
}

// Cost is what tokens cost in micro-dollars, rounded half up once, at the end.
func (p Price) Cost(t Tokens) int64 {
	sum := t.Input*p.Input + t.Output*p.Output + t.CacheRead*p.CacheRead + t.CacheWrite*p.CacheWrite
	return (sum + perMillion/2) / perMillion
}

// Format writes micro-dollars in dollars exactly, with two to six decimals.
func Format(micro int64) string {
	sign := ""
	if micro < 0 {
		sign, micro = "-", -micro
	}
	text := fmt.Sprintf("%d.%06d", micro/microPerDollar, micro%microPerDollar)
	for strings.HasSuffix(text, "0") && text[len(text)-3] != '.' {
		text = text[:len(text)-1]
	}
	return sign + text
}

// Dollars turns micro-dollars into dollars, for display only.
func Dollars(micro int64) float64 { return float64(micro) / microPerDollar }

// ParsePrice reads "input/output" or "input/output/cache read/cache write" in
// dollars for a million tokens, such as "3/15/0.30/3.75". Without the last two
// the cache costs what the input does.
func ParsePrice(text string) (Price, error) {
	parts := strings.Split(text, "/")
	if len(parts) != 2 && len(parts) != 4 {
		return Price{}, fmt.Errorf("price %q is not input/output or input/output/cache read/cache write in dollars", text)
	}
	micro := make([]int64, len(parts))
	for i, part := range parts {
		var err error
		if micro[i], err = parseDollars(part); err != nil {
			return Price{}, err
		}
	}
	p := Price{Input: micro[0], Output: micro[1], CacheRead: micro[0], CacheWrite: micro[0]}
	if len(micro) == 4 {
		p.CacheRead, p.CacheWrite = micro[2], micro[3]
	}
	return p, nil
}

// parseDollars reads a decimal exactly; more than six decimals are refused.
func parseDollars(text string) (int64, error) {
	value, ok := new(big.Rat).SetString(strings.TrimSpace(text))
	if !ok || strings.ContainsAny(text, "eE") {
		return 0, fmt.Errorf("price %q is not a number of dollars", text)
	}
	value.Mul(value, big.NewRat(microPerDollar, 1))
	// Four kinds of as many tokens as the contract holds, at this price, fit
	// into the sum of Cost.
	const highest = 1000 * microPerDollar
	if !value.IsInt() || value.Sign() < 0 || value.Cmp(big.NewRat(highest, 1)) > 0 {
		return 0, fmt.Errorf("price %q is not between 0 and 1000 dollars in steps of a micro-dollar", text)
	}
	return value.Num().Int64(), nil
}

// ParseAmount reads an amount of dollars into micro-dollars, such
// as "250" or "0.50".
func ParseAmount(text string) (int64, error) {
	value, ok := new(big.Rat).SetString(strings.TrimSpace(text))
	const highest = 1_000_000_000
	if !ok || strings.ContainsAny(text, "eE/") || value.Sign() < 0 || value.Cmp(big.NewRat(highest, 1)) > 0 {
		return 0, fmt.Errorf("%q is not an amount of dollars from 0 to %d", text, highest)
	}
	if value.Mul(value, big.NewRat(microPerDollar, 1)); !value.IsInt() {
		return 0, fmt.Errorf("%q has parts of a micro-dollar", text)
	}
	return value.Num().Int64(), nil
}
