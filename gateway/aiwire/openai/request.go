package openai

import (
	"encoding/json"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/aiwire"
)

// request is what a client asks. What only tunes sampling further, and models
// differ in taking, is left alone: penalties, seed, logit_bias, reasoning_effort.
type request struct {
	Model               string    `json:"model"`
	Messages            []message `json:"messages"`
	MaxTokens           *int32    `json:"max_tokens"`
	MaxCompletionTokens *int32    `json:"max_completion_tokens"`
	Temperature         *float64  `json:"temperature"`
	TopP                *float64  `json:"top_p"`
	Stop                texts     `json:"stop"`
	Stream              bool      `json:"stream"`
	StreamOptions       struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	Tools             []tool          `json:"tools"`
	ToolChoice        json.RawMessage `json:"tool_choice"`
	ParallelToolCalls *bool           `json:"parallel_tool_calls"`
	ResponseFormat    struct {
		Type       string `json:"type"`
		JSONSchema struct {
			Schema json.RawMessage `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
	N          *int            `json:"n"`
	Logprobs   *bool           `json:"logprobs"`
	Functions  json.RawMessage `json:"functions"`
	Modalities []string        `json:"modalities"`
	WebSearch  json.RawMessage `json:"web_search_options"`
}

type tool struct {
	Type     string `json:"type"`
	Function struct {
		Name        string          `json:"name"`
		Description string          `json:"description"`
		Parameters  json.RawMessage `json:"parameters"`
	} `json:"function"`
}

// texts is one text or several.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	var one *string
	if json.Unmarshal(raw, &one) == nil {
		*t = nil
		if one != nil {
			*t = texts{*one}
		}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// generate is the request in the contract's words.
func (r *request) generate() (*aiv1.GenerateRequest, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	out := &aiv1.GenerateRequest{
		Model: aiwire.Model(r.Model), Temperature: r.Temperature, TopP: r.TopP, StopSequences: r.Stop, Source: "gateway.openai",
	}
	for _, bound := range []*int32{r.MaxTokens, r.MaxCompletionTokens} {
		if bound != nil {
			out.MaxTokens = *bound
		}
	}
	if err := converse(out, r.Messages); err != nil {
		return nil, err
	}
	if err := r.tools(out); err != nil {
		return nil, err
	}
	return out, r.format(out)
}

// check refuses what would change the answer's meaning if it were left out.
func (r *request) check() error {
	switch {
	case r.Model == "":
		return aiwire.Refuse("model", "you must provide a model")
	case len(r.Messages) == 0:
		return aiwire.Refuse("messages", "must not be empty")
	case r.MaxTokens != nil && *r.MaxTokens < 1, r.MaxCompletionTokens != nil && *r.MaxCompletionTokens < 1:
		return aiwire.Refuse("max_completion_tokens", "must be at least 1")
	case r.N != nil && *r.N != 1:
		return aiwire.Refuse("n", "only one answer at a time is supported")
	case r.Logprobs != nil && *r.Logprobs:
		return aiwire.Refuse("logprobs", "is not supported here")
	case given(r.Functions):
		return aiwire.Refuse("functions", "is not supported here; use tools")
	case given(r.WebSearch):
		return aiwire.Refuse("web_search_options", "is not supported here")
	}
	for _, m := range r.Modalities {
		if m != "text" {
			return aiwire.Refuse("modalities", "only text is supported, not %q", m)
		}
	}
	return nil
}

func (r *request) format(out *aiv1.GenerateRequest) error {
	switch r.ResponseFormat.Type {
	case "", "text":
	case "json_schema":
		out.ResponseSchema = string(r.ResponseFormat.JSONSchema.Schema)
	case "json_object":
		// Not every model has such a mode, but every model can be told.
		out.SystemParts = append(out.SystemParts, aiwire.Text("Answer with one JSON object and nothing else: no fence, no words around it."))
	default:
		return aiwire.Refuse("response_format.type", "want text, json_object or json_schema, not %q", r.ResponseFormat.Type)
	}
	return nil
}

// given reports whether an optional field of any shape says something.
func given(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
