package anthropic

import (
	"encoding/base64"

	sdk "github.com/anthropics/anthropic-sdk-go"

	"atrium.internal/services/ai/internal/generate"
)

func system(parts []generate.Part) []sdk.TextBlockParam {
	var out []sdk.TextBlockParam
	for _, p := range parts {
		out = append(out, *textBlock(p))
	}
	return out
}

func messages(all []generate.Message) []sdk.MessageParam {
	out := make([]sdk.MessageParam, len(all))
	for i, m := range all {
		blocks := make([]sdk.ContentBlockParamUnion, len(m.Parts))
		for j, p := range m.Parts {
			blocks[j] = block(p)
		}
		if m.Role == generate.Assistant {
			out[i] = sdk.NewAssistantMessage(blocks...)
		} else {
			out[i] = sdk.NewUserMessage(blocks...)
		}
	}
	return out
}

func block(p generate.Part) sdk.ContentBlockParamUnion {
	switch {
	case p.Image != nil:
		return sdk.ContentBlockParamUnion{OfImage: imageBlock(p)}
	case p.ToolUse != nil:
		return sdk.ContentBlockParamUnion{OfToolUse: &sdk.ToolUseBlockParam{
			ID: p.ToolUse.ID, Name: p.ToolUse.Name, Input: p.ToolUse.Input, CacheControl: mark(p.Cache),
		}}
	case p.ToolResult != nil:
		return sdk.ContentBlockParamUnion{OfToolResult: resultBlock(p)}
	case p.Thinking != nil && p.Thinking.Redacted != "":
		return sdk.NewRedactedThinkingBlock(p.Thinking.Redacted)
	case p.Thinking != nil:
		return sdk.NewThinkingBlock(p.Thinking.Signature, p.Thinking.Text)
	}
	return sdk.ContentBlockParamUnion{OfText: textBlock(p)}
}

func textBlock(p generate.Part) *sdk.TextBlockParam {
	return &sdk.TextBlockParam{Text: p.Text, CacheControl: mark(p.Cache)}
}

func imageBlock(p generate.Part) *sdk.ImageBlockParam {
	return &sdk.ImageBlockParam{
		Source: sdk.ImageBlockParamSourceUnion{OfBase64: &sdk.Base64ImageSourceParam{
			Data:      base64.StdEncoding.EncodeToString(p.Image.Data),
			MediaType: sdk.Base64ImageSourceMediaType(p.Image.MediaType),
		}},
		CacheControl: mark(p.Cache),
	}
}

func resultBlock(p generate.Part) *sdk.ToolResultBlockParam {
	out := &sdk.ToolResultBlockParam{ToolUseID: p.ToolResult.ToolUseID, CacheControl: mark(p.Cache)}
	if p.ToolResult.IsError {
		out.IsError = sdk.Bool(true)
	}
	for _, part := range p.ToolResult.Parts {
		if part.Image != nil {
			out.Content = append(out.Content, sdk.ToolResultBlockParamContentUnion{OfImage: imageBlock(part)})
		} else {
			out.Content = append(out.Content, sdk.ToolResultBlockParamContentUnion{OfText: textBlock(part)})
		}
	}
	return out
}

func mark(cache bool) (control sdk.CacheControlEphemeralParam) {
	if cache {
		control = sdk.NewCacheControlEphemeralParam()
	}
	return control
}
