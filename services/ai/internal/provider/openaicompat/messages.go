package openaicompat

import (
	"encoding/base64"

	sdk "github.com/openai/openai-go/v3"

	"atrium.internal/services/ai/internal/generate"
)

func messages(call generate.Call) []sdk.ChatCompletionMessageParamUnion {
	out := make([]sdk.ChatCompletionMessageParamUnion, 0, len(call.Messages)+1)
	if len(call.System) > 0 {
		out = append(out, sdk.SystemMessage(generate.JoinText(call.System)))
	}
	for _, m := range call.Messages {
		if m.Role == generate.Assistant {
			out = append(out, assistant(m))
		} else {
			out = append(out, user(m)...)
		}
	}
	return out
}

// assistant leaves out thinking, which the format has no place for.
func assistant(m generate.Message) sdk.ChatCompletionMessageParamUnion {
	message := &sdk.ChatCompletionAssistantMessageParam{}
	if text := generate.JoinText(m.Parts); text != "" {
		message.Content.OfString = sdk.String(text)
	}
	for _, p := range m.Parts {
		if p.ToolUse != nil {
			message.ToolCalls = append(message.ToolCalls, sdk.ChatCompletionMessageToolCallUnionParam{
				OfFunction: &sdk.ChatCompletionMessageFunctionToolCallParam{
					ID: p.ToolUse.ID,
					Function: sdk.ChatCompletionMessageFunctionToolCallFunctionParam{
						Name: p.ToolUse.Name, Arguments: string(p.ToolUse.Input),
					},
				},
			})
		}
	}
	if message.Content.OfString.Value == "" && len(message.ToolCalls) == 0 { // it only thought
		message.Content.OfString = sdk.String(" ")
	}
	return sdk.ChatCompletionMessageParamUnion{OfAssistant: message}
}

// user gives the results of tools first, as messages of their own right after
// the tools' use. Those take text only, so their images go into the message of
// the user that follows.
func user(m generate.Message) (out []sdk.ChatCompletionMessageParamUnion) {
	var rest []generate.Part
	for _, p := range m.Parts {
		if p.ToolResult == nil {
			rest = append(rest, p)
			continue
		}
		text := generate.JoinText(p.ToolResult.Parts)
		if p.ToolResult.IsError {
			text = "Error: " + text
		}
		out = append(out, sdk.ToolMessage(text, p.ToolResult.ToolUseID))
		for _, part := range p.ToolResult.Parts {
			if part.Image != nil {
				rest = append(rest, part)
			}
		}
	}
	switch {
	case len(rest) == 0:
		return out
	case len(rest) == 1 && rest[0].Image == nil:
		return append(out, sdk.UserMessage(rest[0].Text))
	}
	content := make([]sdk.ChatCompletionContentPartUnionParam, len(rest))
	for i, p := range rest {
		if p.Image == nil {
			content[i] = sdk.TextContentPart(p.Text)
			continue
		}
		content[i] = sdk.ImageContentPart(sdk.ChatCompletionContentPartImageImageURLParam{
			URL: "data:" + p.Image.MediaType + ";base64," + base64.StdEncoding.EncodeToString(p.Image.Data),
		})
	}
	return append(out, sdk.UserMessage(content))
}
