package tariff_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ai/internal/tariff"
)

func TestCostIsRoundedOnceInWholeMicroDollars(t *testing.T) {
	p := tariff.Price{Input: 3_000_000, Output: 15_000_000, CacheRead: 300_000, CacheWrite: 3_750_000}
	require.Equal(t, int64(0), p.Cost(tariff.Tokens{}))
	require.Equal(t, int64(3), p.Cost(tariff.Tokens{Input: 1}))
	require.Equal(t, int64(0), p.Cost(tariff.Tokens{CacheRead: 1}))
	require.Equal(t, int64(1), p.Cost(tariff.Tokens{CacheRead: 2}))
	require.Equal(t, int64(4), p.Cost(tariff.Tokens{CacheWrite: 1}))
	require.Equal(t, int64(22_155), p.Cost(tariff.Tokens{Input: 2000, CacheRead: 10_000, CacheWrite: 400, Output: 777}))
	// As many tokens as the contract's integers hold, at the dearest price.
	const most = 2147483647
	dearest, err := tariff.ParsePrice("1000/1000/1000/1000")
	require.NoError(t, err)
	require.Equal(t, int64(4*2147483647)*1000, dearest.Cost(tariff.Tokens{Input: most, Output: most, CacheRead: most, CacheWrite: most}))
}

func TestPricesAreReadExactly(t *testing.T) {
	p, err := tariff.ParsePrice("3/15/0.30/3.75")
	require.NoError(t, err)
	require.Equal(t, tariff.Price{Input: 3_000_000, Output: 15_000_000, CacheRead: 300_000, CacheWrite: 3_750_000}, p)
	p, err = tariff.ParsePrice("0.1/0.4")
	require.NoError(t, err)
	require.Equal(t, tariff.Price{Input: 100_000, Output: 400_000, CacheRead: 100_000, CacheWrite: 100_000}, p)
	for _, bad := range []string{"", "3", "3/x", "-1/2", "1/2/3", "0.0000001/1", "1e3/2", "1001/1", "NaN/1", "Inf/1"} {
		_, err := tariff.ParsePrice(bad)
		require.Error(t, err, bad)
	}
}

func TestEstimatesAddUpHoweverTheTextIsCut(t *testing.T) {
	const text = "Grüße aus 日本, how do tides work? 🌊"
	var m tariff.Meter
	for i := range len(text) {
		m.Add(text[i : i+1])
	}
	require.Equal(t, tariff.Estimate(text), m.Tokens())
	require.Equal(t, int64(2), tariff.Estimate("12345"))
	require.Equal(t, int64(3), tariff.Estimate("日本"))
	require.Zero(t, tariff.Estimate(""))
}

func TestTheDefaultModelIsPriced(t *testing.T) {
	listed, ok := tariff.Lookup("claude-sonnet-4-5-20250929")
	require.True(t, ok)
	require.Equal(t, int64(3_000_000), listed.Price.Input)
}

func TestAnAmountIsReadExactlyOrRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"250": 250_000_000, "0.50": 500_000, "0.000001": 1, "1000000000": 1_000_000_000_000_000} {
		got, err := tariff.ParseAmount(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	spaced, err := tariff.ParseAmount(" 0.50 ")
	require.NoError(t, err)
	require.Equal(t, int64(500_000), spaced)
	for _, text := range []string{"", "-1", "1e9", "1/2", "NaN", "0.0000001", "1000000001", "99999999999999999999999999", "$5"} {
		_, err := tariff.ParseAmount(text)
		require.Error(t, err, text)
	}
}

func TestMoneyIsWrittenExactly(t *testing.T) {
	t.Parallel()
	for micro, text := range map[int64]string{0: "0.00", 1: "0.000001", 1_500_000: "1.50", 1_388: "0.001388", -2_340_000: "-2.34", 100: "0.0001"} {
		require.Equal(t, text, tariff.Format(micro))
	}
}
