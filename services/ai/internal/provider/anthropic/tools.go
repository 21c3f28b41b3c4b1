package anthropic

import (
	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/packages/param"

	"atrium.internal/services/ai/internal/generate"
)

// tools passes the schemas on as they are: taking them apart could lose words
// that the model should see.
func tools(all []generate.Tool) []sdk.ToolUnionParam {
	var out []sdk.ToolUnionParam
	for _, t := range all {
		tool := &sdk.ToolParam{
			Name: t.Name, InputSchema: param.Override[sdk.ToolInputSchemaParam](t.InputSchema), CacheControl: mark(t.Cache),
		}
		if t.Description != "" {
			tool.Description = sdk.String(t.Description)
		}
		out = append(out, sdk.ToolUnionParam{OfTool: tool})
	}
	return out
}

func choice(c generate.ToolChoice) (out sdk.ToolChoiceUnionParam) {
	single := param.Opt[bool]{}
	if c.Single {
		single = sdk.Bool(true)
	}
	switch c.Mode {
	case generate.ToolAny:
		out.OfAny = &sdk.ToolChoiceAnyParam{DisableParallelToolUse: single}
	case generate.ToolNamed:
		out.OfTool = &sdk.ToolChoiceToolParam{Name: c.Name, DisableParallelToolUse: single}
	case generate.ToolNone:
		out.OfNone = &sdk.ToolChoiceNoneParam{}
	default:
		if c.Single || c.Mode == generate.ToolAuto {
			out.OfAuto = &sdk.ToolChoiceAutoParam{DisableParallelToolUse: single}
		}
	}
	return out
}
