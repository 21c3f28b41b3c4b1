package grpcapi

import (
	"encoding/json"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai/internal/generate"
)

func requestOf(req *aiv1.GenerateRequest) (out generate.Request, err error) {
	out = generate.Request{
		Model:          req.GetModel(),
		System:         generate.Plain(req.GetSystem()),
		Tools:          toolsOf(req.GetTools()),
		Choice:         choiceOf(req.GetToolChoice()),
		MaxTokens:      int64(req.GetMaxTokens()),
		Temperature:    req.Temperature,
		TopP:           req.TopP,
		StopSequences:  req.GetStopSequences(),
		ResponseSchema: req.GetResponseSchema(),
		Source:         req.GetSource(),
		Thought: generate.Thought{
			Mode: generate.ThoughtMode(req.GetThinking().GetMode()), Tokens: int64(req.GetThinking().GetTokens()),
		},
	}
	if req.TopK != nil {
		k := int64(req.GetTopK())
		out.TopK = &k
	}
	if id := req.GetRequestId(); id != "" {
		if out.ID, err = uuid.Parse(id); err != nil {
			return out, apperr.Invalid("requestId", "is not a UUID")
		}
	}
	if parts := req.GetSystemParts(); len(parts) > 0 {
		if req.GetSystem() != "" {
			return out, apperr.Invalid("systemParts", "only one of system and systemParts")
		}
		out.System = partsOf(parts)
	}
	for _, m := range req.GetMessages() {
		message := generate.Message{Role: generate.Role(m.GetRole()), Parts: generate.Plain(m.GetContent())}
		if parts := m.GetParts(); len(parts) > 0 {
			if m.GetContent() != "" {
				return out, apperr.Invalid("messages", "only one of content and parts")
			}
			message.Parts = partsOf(parts)
		}
		out.Messages = append(out.Messages, message)
	}
	return out, nil
}

func partsOf(parts []*aiv1.ContentPart) []generate.Part {
	out := make([]generate.Part, len(parts))
	for i, p := range parts {
		out[i] = partOf(p)
	}
	return out
}

func partOf(p *aiv1.ContentPart) generate.Part {
	out := generate.Part{Text: p.GetText(), Cache: p.GetCache()}
	switch kind := p.GetPart().(type) {
	case *aiv1.ContentPart_Image:
		out.Image = &generate.Image{MediaType: kind.Image.GetMediaType(), Data: kind.Image.GetData()}
	case *aiv1.ContentPart_ToolUse:
		out.ToolUse = &generate.ToolUse{
			ID: kind.ToolUse.GetId(), Name: kind.ToolUse.GetName(), Input: json.RawMessage(kind.ToolUse.GetInput()),
		}
		if len(out.ToolUse.Input) == 0 { // a tool without parameters
			out.ToolUse.Input = json.RawMessage("{}")
		}
	case *aiv1.ContentPart_ToolResult:
		out.ToolResult = &generate.ToolResult{
			ToolUseID: kind.ToolResult.GetToolUseId(), Parts: partsOf(kind.ToolResult.GetParts()), IsError: kind.ToolResult.GetIsError(),
		}
	case *aiv1.ContentPart_Thinking:
		out.Thinking = &generate.Thinking{
			Text: kind.Thinking.GetText(), Signature: kind.Thinking.GetSignature(), Redacted: kind.Thinking.GetRedacted(),
		}
	}
	return out
}

func toolsOf(tools []*aiv1.Tool) []generate.Tool {
	var out []generate.Tool
	for _, t := range tools {
		out = append(out, generate.Tool{
			Name: t.GetName(), Description: t.GetDescription(), InputSchema: json.RawMessage(t.GetInputSchema()), Cache: t.GetCache(),
		})
	}
	return out
}

func choiceOf(c *aiv1.ToolChoice) generate.ToolChoice {
	return generate.ToolChoice{Mode: generate.ToolMode(c.GetMode()), Name: c.GetName(), Single: c.GetSingle()}
}
