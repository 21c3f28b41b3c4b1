package usd_test

import (
	"testing"

	"atrium.internal/proto/usd"
)

func TestMoneyGoesThereAndBack(t *testing.T) {
	for _, micro := range []int64{0, 1, 33, 290_000, 1_000_000, 19_990_000, 123_456_789, 999_999_999_999_999, usd.Unlimited} {
		if back := usd.ReadBudget(usd.WriteBudget(micro)); back != micro {
			t.Errorf("%d came back as %d", micro, back)
		}
	}
	if usd.ReadBudget(nil) != usd.Unlimited {
		t.Error("no budget is no bound")
	}
	if below := -0.5; usd.ReadBudget(&below) != -500_000 {
		t.Error("an amount below nothing is for whoever checks it")
	}
}
