package tariff

// Listed is a model as the price list knows it.
type Listed struct {
	DisplayName string
	// ContextWindow is the longest prompt and answer together, in tokens.
	ContextWindow int64
	Price         Price
	Can           Capabilities
}

// Capabilities are what a model does besides answering text with text.
type Capabilities struct {
	Tools, Images, Thinking bool
	// FIM is completing between a prefix and a suffix.
	FIM bool
}

var (
	sees   = Capabilities{Tools: true, Images: true}
	thinks = Capabilities{Tools: true, Images: true, Thinking: true}
)

// PricesAsOf is the day on which the list was last held against the providers'
// published prices.
const PricesAsOf = "2026-11-23"

// list holds the providers' list prices in micro-dollars for a million tokens:
// input, output, cache read, and cache write for five minutes. A model that is
// not here gets its price from the configuration.
var list = map[string]Listed{
	"claude-sonnet-4-5-20250929": {"Claude Sonnet 4.5", 200_000, Price{3_000_000, 15_000_000, 300_000, 3_750_000}, thinks},
	"claude-sonnet-4-5":          {"Claude Sonnet 4.5", 200_000, Price{3_000_000, 15_000_000, 300_000, 3_750_000}, thinks},
	"claude-sonnet-4-6":          {"Claude Sonnet 4.6", 200_000, Price{3_000_000, 15_000_000, 300_000, 3_750_000}, thinks},
	"claude-haiku-4-5-20251001":  {"Claude Haiku 4.5", 200_000, Price{1_000_000, 5_000_000, 100_000, 1_250_000}, thinks},
	"claude-haiku-4-5":           {"Claude Haiku 4.5", 200_000, Price{1_000_000, 5_000_000, 100_000, 1_250_000}, thinks},
	"claude-opus-4-5-20251101":   {"Claude Opus 4.5", 200_000, Price{5_000_000, 25_000_000, 500_000, 6_250_000}, thinks},
	"claude-opus-4-5":            {"Claude Opus 4.5", 200_000, Price{5_000_000, 25_000_000, 500_000, 6_250_000}, thinks},
	"claude-opus-4-6":            {"Claude Opus 4.6", 200_000, Price{5_000_000, 25_000_000, 500_000, 6_250_000}, thinks},
	"gpt-4o":                     {"GPT-4o", 128_000, Price{2_500_000, 10_000_000, 1_250_000, 2_500_000}, sees},
	"gpt-4o-mini":                {"GPT-4o mini", 128_000, Price{150_000, 600_000, 75_000, 150_000}, sees},
	"gpt-4.1":                    {"GPT-4.1", 1_047_576, Price{2_000_000, 8_000_000, 500_000, 2_000_000}, sees},
	"gpt-4.1-mini":               {"GPT-4.1 mini", 1_047_576, Price{400_000, 1_600_000, 100_000, 400_000}, sees},
	"gpt-5":                      {"GPT-5", 400_000, Price{1_250_000, 10_000_000, 125_000, 1_250_000}, thinks},
	"gpt-5-mini":                 {"GPT-5 mini", 400_000, Price{250_000, 2_000_000, 25_000, 250_000}, thinks},
}

// Lookup finds a model in the price list.
func Lookup(model string) (Listed, bool) {
	found, ok := list[model]
	return found, ok
}
