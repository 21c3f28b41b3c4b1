package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/tariff"
)

// received names the images and tool results of a message; it is empty when
// there are none.
func received(parts []generate.Part) string {
	var seen []string
	for _, p := range parts {
		switch {
		case p.Image != nil:
			seen = append(seen, fmt.Sprintf("an image (%s, %d bytes)", p.Image.MediaType, len(p.Image.Data)))
		case p.ToolResult != nil:
			seen = append(seen, fmt.Sprintf("a tool's result, beginning with “%s”", beginning(generate.JoinText(p.ToolResult.Parts))))
		}
	}
	return strings.Join(seen, ", ")
}

// mustUse is the tool that the call leaves no choice about. The demo uses no
// other: it would not know why.
func mustUse(call generate.Call) (generate.Tool, bool) {
	for _, t := range call.Tools {
		if call.Choice.Mode == generate.ToolAny || (call.Choice.Mode == generate.ToolNamed && call.Choice.Name == t.Name) {
			return t, true
		}
	}
	return generate.Tool{}, false
}

// use answers with a tool's use, whose input fits the tool's schema.
func (p *Provider) use(ctx context.Context, tool generate.Tool, report generate.Report, emit generate.Emit) (generate.Report, error) {
	var schema map[string]any
	_ = json.Unmarshal(tool.InputSchema, &schema) // checked before
	input := object(schema, "")
	if err := emit(generate.Piece{ToolUse: &generate.ToolStart{ID: "demo_" + tool.Name, Name: tool.Name}}); err != nil {
		return report, err
	}
	var meter tariff.Meter
	meter.Add(tool.Name)
	for piece := range strings.SplitAfterSeq(input, " ") {
		if err := p.wait(ctx); err != nil {
			return report, err
		}
		if err := emit(generate.Piece{ToolInput: piece}); err != nil {
			return report, err
		}
		meter.Add(piece)
		report.Tokens.Output = meter.Tokens()
	}
	report.Final, report.StopReason = true, generate.ToolCalls
	return report, nil
}
