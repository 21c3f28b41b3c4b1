package anthropic

import (
	sdk "github.com/anthropics/anthropic-sdk-go"

	"atrium.internal/services/ai/internal/generate"
)

// highestTemperature is Anthropic's; OpenAI's scale goes to 2.
const highestTemperature = 1

// params puts a call into the API's words.
func params(call generate.Call) sdk.MessageNewParams {
	call = cached(call)
	p := sdk.MessageNewParams{
		Model:         call.Model,
		MaxTokens:     call.MaxTokens,
		System:        system(call.System),
		Messages:      messages(call.Messages),
		Tools:         tools(call.Tools),
		ToolChoice:    choice(call.Choice),
		StopSequences: call.StopSequences,
		Thinking:      thinking(call.Thought),
	}
	if call.Temperature != nil {
		p.Temperature = sdk.Float(min(*call.Temperature, highestTemperature))
	}
	// 1 changes nothing, and newer models refuse it beside a temperature.
	if call.TopP != nil && *call.TopP < 1 {
		p.TopP = sdk.Float(*call.TopP)
	}
	if call.TopK != nil {
		p.TopK = sdk.Int(*call.TopK)
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

func thinking(t generate.Thought) (out sdk.ThinkingConfigParamUnion) {
	switch t.Mode {
	case generate.ThoughtOn:
		return sdk.ThinkingConfigParamOfEnabled(t.Tokens)
	case generate.ThoughtAdaptive:
		out.OfAdaptive = &sdk.ThinkingConfigAdaptiveParam{}
	case generate.ThoughtOff:
		out.OfDisabled = &sdk.ThinkingConfigDisabledParam{}
	}
	return out
}
