package tariff

// Tokens is what one attempt used. The kinds do not overlap: Input is the part
// of the prompt that came neither from nor went into the prompt cache.
type Tokens struct {
	Input, Output, CacheRead, CacheWrite int64
}

// Total is what a plan's monthly tokens are charged with.
func (t Tokens) Total() int64 { return t.Input + t.Output + t.CacheRead + t.CacheWrite }

// Prompt is everything that went in.
func (t Tokens) Prompt() int64 { return t.Input + t.CacheRead + t.CacheWrite }

// Meter estimates the tokens of a text that arrives in pieces. The zero value
// has seen nothing.
type Meter struct {
	ascii, other int64 // bytes
}

// Add counts a piece of text.
func (m *Meter) Add(text string) {
	for i := range len(text) {
		if text[i] < 0x80 {
			m.ascii++
		} else {
			m.other++
		}
	}
}

// Tokens is the estimate: four ASCII characters make a token, as in English
// and in code; a character outside ASCII has two to four bytes and makes one
// to two.
func (m *Meter) Tokens() int64 { return (m.ascii+3)/4 + (m.other+1)/2 }

// Estimate is the Meter's figure for a whole text.
func Estimate(text string) int64 {
	var m Meter
	m.Add(text)
	return m.Tokens()
}
