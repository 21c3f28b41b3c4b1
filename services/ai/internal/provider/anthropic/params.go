package anthropic

import (
	sdk "github.com/anthropics/anthropic-sdk-go"

	"atrium.internal/services/ai/internal/generate"
)

// highestTemperature is Anthropic's; OpenAI's scale goes to 2.
const highestTemperature = 1

// params puts a call into the API's words.
func params(call generate.Call) sdk.MessageNewParams {
	p := sdk.MessageNewParams{
		Model:         call.Model,
		MaxTokens:     call.MaxTokens,
		Messages:      messages(call),
		StopSequences: call.StopSequences,
	}
	if call.System != "" {
		p.System = []sdk.TextBlockParam{{Text: call.System, CacheControl: sdk.NewCacheControlEphemeralParam()}}
	}
	if call.Temperature != nil {
		p.Temperature = sdk.Float(min(*call.Temperature, highestTemperature))
	}
	if call.Schema != nil {
		p.OutputConfig.Format.Schema = enforceable(call.Schema)
	}
	return p
}

// enforceable is a schema as structured output takes it: the SDK closes its
// objects and moves what the API can't enforce, such as minimum, into the
// descriptions.
func enforceable(schema map[string]any) map[string]any {
	if out, ok := sdk.BetaJSONSchemaOutputFormat(schema).Schema.(map[string]any); ok && out != nil {
		return out
	}
	return schema
}

// messages marks the last one as a cache breakpoint when the conversation is
// likely to go on: the next turn then reads all of it from the cache. For a
// single question the mark would only cost.
func messages(call generate.Call) []sdk.MessageParam {
	out := make([]sdk.MessageParam, len(call.Messages))
	for i, m := range call.Messages {
		block := sdk.TextBlockParam{Text: m.Text}
		if call.Continues && i == len(call.Messages)-1 {
			block.CacheControl = sdk.NewCacheControlEphemeralParam()
		}
		content := sdk.ContentBlockParamUnion{OfText: &block}
		if m.Role == generate.Assistant {
			out[i] = sdk.NewAssistantMessage(content)
		} else {
			out[i] = sdk.NewUserMessage(content)
		}
	}
	return out
}
