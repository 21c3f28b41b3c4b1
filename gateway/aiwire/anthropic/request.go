package anthropic

import (
	"encoding/json"
	"strings"

	"atrium.internal/pkg/apperr"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/aiwire"
)

// request is what a client asks. What says how a provider runs a request, such
// as metadata and service_tier, is left alone.
type request struct {
	Model         string          `json:"model"`
	MaxTokens     *int32          `json:"max_tokens"`
	System        content         `json:"system"`
	Messages      []message       `json:"messages"`
	Tools         []tool          `json:"tools"`
	ToolChoice    *toolChoice     `json:"tool_choice"`
	StopSequences []string        `json:"stop_sequences"`
	Temperature   *float64        `json:"temperature"`
	TopP          *float64        `json:"top_p"`
	TopK          *int32          `json:"top_k"`
	Stream        bool            `json:"stream"`
	Thinking      *thinking       `json:"thinking"`
	CacheControl  json.RawMessage `json:"cache_control"`
	OutputConfig  struct {
		Format *struct {
			Type   string          `json:"type"`
			Schema json.RawMessage `json:"schema"`
		} `json:"format"`
	} `json:"output_config"`
	Container  json.RawMessage `json:"container"`
	MCPServers json.RawMessage `json:"mcp_servers"`
	Thread     json.RawMessage `json:"thread"`
}

type message struct {
	Role    string  `json:"role"`
	Content content `json:"content"`
}

type tool struct {
	Type         string          `json:"type"`
	Name         string          `json:"name"`
	Description  string          `json:"description"`
	InputSchema  json.RawMessage `json:"input_schema"`
	CacheControl json.RawMessage `json:"cache_control"`
}

type toolChoice struct {
	Type   string `json:"type"`
	Name   string `json:"name"`
	Single bool   `json:"disable_parallel_tool_use"`
}

type thinking struct {
	Type   string `json:"type"`
	Budget int32  `json:"budget_tokens"`
}

// errThread refuses a conversation that the server is to keep. The format has
// a word for that, at which SDKs send the whole conversation instead.
var errThread = apperr.New(apperr.InvalidArgument, "THREAD_UNSUPPORTED", "Conversations are not kept here: send all messages, without thread.")

// generate is the request in the contract's words; counting needs no bound on
// the answer.
func (r *request) generate(counting bool) (*aiv1.GenerateRequest, error) {
	switch {
	case r.Model == "":
		return nil, aiwire.Refuse("model", "is required")
	case r.MaxTokens == nil && !counting:
		return nil, aiwire.Refuse("max_tokens", "is required")
	case r.MaxTokens != nil && *r.MaxTokens < 1:
		return nil, aiwire.Refuse("max_tokens", "must be at least 1")
	case len(r.Messages) == 0 && !present(r.Thread):
		return nil, aiwire.Refuse("messages", "at least one message is required")
	case present(r.Container):
		return nil, aiwire.Refuse("container", "is not supported here")
	case present(r.MCPServers):
		return nil, aiwire.Refuse("mcp_servers", "is not supported here; run the tools yourself")
	case present(r.Thread):
		return nil, errThread
	}
	out := &aiv1.GenerateRequest{
		Model: aiwire.Model(r.Model), Temperature: r.Temperature, TopP: r.TopP, TopK: r.TopK,
		StopSequences: r.StopSequences, Source: "gateway.anthropic",
	}
	if r.MaxTokens != nil {
		out.MaxTokens = *r.MaxTokens
	}
	var err error
	if out.SystemParts, err = r.System.parts("system"); err != nil {
		return nil, err
	}
	for i, m := range r.Messages {
		converted, err := m.convert(i)
		if err != nil {
			return nil, err
		}
		out.Messages = append(out.Messages, converted)
	}
	if present(r.CacheControl) { // the whole prompt
		last := out.Messages[len(out.Messages)-1].Parts
		last[len(last)-1].Cache = true
	}
	if err := r.tools(out); err != nil {
		return nil, err
	}
	return out, r.shape(out)
}

func (r *request) tools(out *aiv1.GenerateRequest) error {
	for _, t := range r.Tools {
		if t.Type != "" && t.Type != "custom" {
			return aiwire.Refuse("tools", "%q runs at the provider and is not supported here; only tools that the client runs are", t.Type)
		}
		if len(t.InputSchema) == 0 {
			return aiwire.Refuse("tools", "%q has no input_schema", t.Name)
		}
		out.Tools = append(out.Tools, &aiv1.Tool{
			Name: t.Name, Description: t.Description, InputSchema: string(t.InputSchema), Cache: present(t.CacheControl),
		})
	}
	if c := r.ToolChoice; c != nil {
		out.ToolChoice = &aiv1.ToolChoice{Mode: c.Type, Name: c.Name, Single: c.Single}
	}
	return nil
}

// shape is what the answer must look like, and how it is thought out.
func (r *request) shape(out *aiv1.GenerateRequest) error {
	if f := r.OutputConfig.Format; f != nil {
		if f.Type != "json_schema" {
			return aiwire.Refuse("output_config.format.type", "want json_schema, not %q", f.Type)
		}
		out.ResponseSchema = string(f.Schema)
	}
	if r.Thinking == nil {
		return nil
	}
	switch r.Thinking.Type {
	case "enabled":
		out.Thinking = &aiv1.ThinkingBudget{Mode: "on", Tokens: r.Thinking.Budget}
	case "adaptive":
		out.Thinking = &aiv1.ThinkingBudget{Mode: "adaptive"}
	case "disabled":
		out.Thinking = &aiv1.ThinkingBudget{Mode: "off"}
	default:
		return aiwire.Refuse("thinking.type", "want enabled, adaptive or disabled, not %q", r.Thinking.Type)
	}
	return nil
}

// present reports whether an optional field of any shape says something.
func present(raw json.RawMessage) bool {
	text := strings.TrimSpace(string(raw))
	return text != "" && text != "null" && text != "[]"
}
