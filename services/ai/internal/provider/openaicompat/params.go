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

func messages(call generate.Call) []sdk.ChatCompletionMessageParamUnion {
	out := make([]sdk.ChatCompletionMessageParamUnion, 0, len(call.Messages)+1)
	if call.System != "" {
		out = append(out, sdk.SystemMessage(call.System))
	}
	for _, m := range call.Messages {
		if m.Role == generate.Assistant {
			out = append(out, sdk.AssistantMessage(m.Text))
		} else {
			out = append(out, sdk.UserMessage(m.Text))
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
