package tariff

import (
	"slices"
	"time"
)

// Prices is a model's price over time, the newest first.
type Prices []Dated

// Dated is a price from a day on.
type Dated struct {
	From time.Time
	Price
}

// Always is a price that holds whenever.
func Always(p Price) Prices { return Prices{{Price: p}} }

// NewPrices puts dated prices in their order.
func NewPrices(dated ...Dated) Prices {
	return slices.SortedFunc(slices.Values(dated), func(a, b Dated) int { return b.From.Compare(a.From) })
}

// At is the price of a time; before the first of them it is the first.
func (p Prices) At(t time.Time) Price {
	for _, d := range p {
		if !d.From.After(t) {
			return d.Price
		}
	}
	if len(p) == 0 {
		return Price{}
	}
	return p[len(p)-1].Price
}
