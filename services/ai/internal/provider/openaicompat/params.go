package openaicompat

import (
	sdk "github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/shared"

	"atrium.internal/services/ai/internal/generate"
)

// mostStops is how many stop sequences the format takes.
const mostStops = 4

// params puts a call into the API's words.
func (p *Provider) params(call generate.Call) sdk.ChatCompletionNewParams {
	out := sdk.ChatCompletionNewParams{
		Model:         call.Model,
		Messages:      messages(call),
		Tools:         tools(call.Tools),
		ToolChoice:    choice(call.Choice),
		StreamOptions: sdk.ChatCompletionStreamOptionsParam{IncludeUsage: sdk.Bool(true)},
	}
	// OpenAI's newer models refuse the old name, other endpoints the new one.
	if p.official {
		out.MaxCompletionTokens = sdk.Int(call.MaxTokens)
	} else {
		out.MaxTokens = sdk.Int(call.MaxTokens)
	}
	if call.Temperature != nil {
		out.Temperature = sdk.Float(*call.Temperature)
	}
	if call.TopP != nil {
		out.TopP = sdk.Float(*call.TopP)
	}
	if call.Choice.Single && len(call.Tools) > 0 {
		out.ParallelToolCalls = sdk.Bool(false)
	}
	if stops := call.StopSequences; len(stops) > 0 {
		out.Stop.OfStringArray = stops[:min(len(stops), mostStops)]
	}
	if call.Schema != nil {
		out.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
				Name:   "answer",
				Schema: call.Schema,
				Strict: sdk.Bool(strictable(call.Schema)),
			},
		}
	}
	return out
}

// strictable reports whether every object of a schema is closed and requires
// all it has, which strict mode demands; without it the endpoint would refuse.
func strictable(schema map[string]any) bool {
	if schema["type"] == "object" {
		if schema["additionalProperties"] != false {
			return false
		}
		properties, _ := schema["properties"].(map[string]any)
		required, _ := schema["required"].([]any)
		if len(properties) != len(required) {
			return false
		}
		for _, property := range properties {
			if child, ok := property.(map[string]any); ok && !strictable(child) {
				return false
			}
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		return strictable(items)
	}
	return true
}
