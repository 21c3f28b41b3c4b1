package fakeai

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var directivePattern = regexp.MustCompile(`(?s)\[\[fake:(.*?)\]\]`)

// directives is a script found in a prompt, with what only a prompt needs.
type directives struct {
	Script
	// times bounds how many calls with this prompt are answered with Status.
	times int
}

// ParseDirectives reads the script that a prompt carries, for tests that reach
// the fake only through a browser. Directives look like
//
//	[[fake:slow=50ms]]            pause before every delta
//	[[fake:first=2s]]             pause before the first delta
//	[[fake:words=500]]            an answer of so many words
//	[[fake:text=exactly this]]    the answer; takes everything up to ]]
//	[[fake:status=429,retry-after=1s,times=1]]  an error, for the first calls only
//	[[fake:status=529]]           overloaded
//	[[fake:error-after=3]]        an error event after three deltas
//	[[fake:cut-after=3]]          the connection drops after three deltas
//	[[fake:truncate-after=3]]     a clean end without the closing events
//	[[fake:hang-after=3]]         silence after three deltas
//	[[fake:stop=max_tokens]]      the stop reason
//
// and may be combined by commas or by repeating them.
func ParseDirectives(prompt string) (Script, error) {
	d, err := parseDirectives(prompt)
	return d.Script, err
}

func parseDirectives(prompt string) (directives, error) {
	var d directives
	for _, match := range directivePattern.FindAllStringSubmatch(prompt, -1) {
		if text, ok := strings.CutPrefix(match[1], "text="); ok {
			d.Text = text
			continue
		}
		for pair := range strings.SplitSeq(match[1], ",") {
			key, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			if err := d.set(key, value); err != nil {
				return d, fmt.Errorf("fake directive %q: %w", pair, err)
			}
		}
	}
	return d, nil
}

func (d *directives) set(key, value string) (err error) {
	switch key {
	case "slow":
		d.Delay, err = time.ParseDuration(value)
	case "first":
		d.First, err = time.ParseDuration(value)
	case "words":
		var n int
		if n, err = strconv.Atoi(value); err == nil {
			d.Text = words(n)
		}
	case "status":
		d.Status, err = strconv.Atoi(value)
	case "retry-after":
		d.RetryAfter, err = time.ParseDuration(value)
	case "times":
		d.times, err = strconv.Atoi(value)
	case "error-after":
		d.End = ErrorEvent
		d.After, err = strconv.Atoi(value)
	case "cut-after":
		d.End = Cut
		d.After, err = strconv.Atoi(value)
	case "truncate-after":
		d.End = Truncate
		d.After, err = strconv.Atoi(value)
	case "hang-after":
		d.End = Hang
		d.After, err = strconv.Atoi(value)
	case "stop":
		d.StopReason = value
	default:
		err = fmt.Errorf("unknown")
	}
	return err
}

// words returns n numbered words, so that a gap or a repetition shows.
func words(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		if i > 1 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "word%d", i)
	}
	return b.String()
}
