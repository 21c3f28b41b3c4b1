package demo

import (
	"context"
	"strings"
	"time"

	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/tariff"
)

// Name is the provider's name in the catalogue and the ledger.
const Name = "demo"

// Model is the demo's only model.
const Model = "demo"

// Can is what the demo does, in its own way.
var Can = tariff.Capabilities{Tools: true, Images: true}

// Provider answers without a model.
type Provider struct {
	pause time.Duration // before each word
}

// New makes the provider. It writes so many words a second; 0 is at once.
func New(wordsPerSecond int) *Provider {
	p := &Provider{}
	if wordsPerSecond > 0 {
		p.pause = time.Second / time.Duration(wordsPerSecond)
	}
	return p
}

// Stream runs one attempt; see generate.Provider.
func (p *Provider) Stream(ctx context.Context, call generate.Call, emit generate.Emit) (generate.Report, error) {
	report := generate.Report{Accepted: true, Tokens: tariff.Tokens{Input: promptTokens(call)}}
	if tool, ok := mustUse(call); ok {
		return p.use(ctx, tool, report, emit)
	}
	text, stop := limit(answer(call), call)
	var meter tariff.Meter
	for word := range strings.SplitAfterSeq(text, " ") {
		if err := p.wait(ctx); err != nil {
			return report, err
		}
		if err := emit(generate.Piece{Text: word}); err != nil {
			return report, err
		}
		meter.Add(word)
		report.Tokens.Output = meter.Tokens()
	}
	report.Final, report.StopReason = true, stop
	return report, nil
}

func (p *Provider) wait(ctx context.Context) error {
	if p.pause == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(p.pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// limit cuts an answer where the call says.
func limit(text string, call generate.Call) (string, generate.StopReason) {
	stop := generate.EndTurn
	for _, sequence := range call.StopSequences {
		if before, _, found := strings.Cut(text, sequence); found {
			text, stop = before, generate.StopSequence
		}
	}
	var meter tariff.Meter
	for at, r := range text {
		meter.Add(string(r))
		if meter.Tokens() > call.MaxTokens {
			return text[:at], generate.MaxTokens
		}
	}
	return text, stop
}

func promptTokens(call generate.Call) int64 {
	total := generate.Estimate(call.System)
	for _, m := range call.Messages {
		total += generate.Estimate(m.Parts)
	}
	return max(total, 1)
}
