package openai

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"atrium.internal/pkg/apperr"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/problem"
)

func parse(t *testing.T, body string) (*aiv1.GenerateRequest, error) {
	t.Helper()
	var in request
	require.NoError(t, json.Unmarshal([]byte(body), &in))
	return in.generate()
}

func text(s string) *aiv1.ContentPart {
	return &aiv1.ContentPart{Part: &aiv1.ContentPart_Text{Text: s}}
}

func result(id, s string) *aiv1.ContentPart {
	return &aiv1.ContentPart{Part: &aiv1.ContentPart_ToolResult{
		ToolResult: &aiv1.ToolResult{ToolUseId: id, Parts: []*aiv1.ContentPart{text(s)}},
	}}
}

func use(id, input string) *aiv1.ContentPart {
	return &aiv1.ContentPart{Part: &aiv1.ContentPart_ToolUse{ToolUse: &aiv1.ToolUse{Id: id, Name: "look", Input: input}}}
}

func TestARequestKeepsAllThatItSays(t *testing.T) {
	got, err := parse(t, `{"model":"gpt","max_completion_tokens":100,"temperature":0.5,"top_p":0.9,"stop":"END","seed":7,"user":"x",
		"stream":true,"stream_options":{"include_usage":true},"parallel_tool_calls":false,"tool_choice":"required",
		"tools":[{"type":"function","function":{"name":"look","description":"Looks.","parameters":{"type":"object","properties":{"b":{},"a":{}}}}},
			{"type":"function","function":{"name":"ping"}}],
		"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object"}}},
		"messages":[{"role":"developer","content":"Be brief."},
			{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk="}}]},
			{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"look","arguments":"{\"at\":1}"}},
				{"id":"c2","type":"function","function":{"name":"look","arguments":""}}]},
			{"role":"tool","tool_call_id":"c1","content":"one"},{"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"two"}]},
			{"role":"user","content":"So?"}]}`)
	require.NoError(t, err)
	half, most := 0.5, 0.9
	want := &aiv1.GenerateRequest{
		Model: "gpt", MaxTokens: 100, Temperature: &half, TopP: &most, StopSequences: []string{"END"}, Source: "gateway.openai",
		ResponseSchema: `{"type":"object"}`,
		SystemParts:    []*aiv1.ContentPart{text("Be brief.")},
		Tools: []*aiv1.Tool{
			{Name: "look", Description: "Looks.", InputSchema: `{"type":"object","properties":{"b":{},"a":{}}}`},
			{Name: "ping", InputSchema: `{"type":"object","properties":{}}`},
		},
		ToolChoice: &aiv1.ToolChoice{Mode: "any", Single: true},
		Messages: []*aiv1.ChatMessage{
			{Role: "user", Parts: []*aiv1.ContentPart{
				text("What is this?"), {Part: &aiv1.ContentPart_Image{Image: &aiv1.Image{MediaType: "image/png", Data: []byte("hi")}}},
			}},
			{Role: "assistant", Parts: []*aiv1.ContentPart{use("c1", `{"at":1}`), use("c2", "")}},
			{Role: "user", Parts: []*aiv1.ContentPart{result("c1", "one"), result("c2", "two"), text("So?")}},
		},
	}
	require.True(t, proto.Equal(want, got), "%v\n%v", want, got)
}

func TestWhatCanNotBeDoneIsRefusedByName(t *testing.T) {
	const asked = `"messages":[{"role":"user","content":"x"}]`
	for body, field := range map[string]string{
		`{` + asked + `}`:                                                  "model",
		`{"model":"m"}`:                                                    "messages",
		`{"model":"m","n":2,` + asked + `}`:                                "n",
		`{"model":"m","logprobs":true,` + asked + `}`:                      "logprobs",
		`{"model":"m","modalities":["audio"],` + asked + `}`:               "modalities",
		`{"model":"m","functions":[{}],` + asked + `}`:                     "functions",
		`{"model":"m","max_tokens":0,` + asked + `}`:                       "max_completion_tokens",
		`{"model":"m","response_format":{"type":"grammar"},` + asked + `}`: "response_format.type",
		`{"model":"m","tools":[{"type":"custom"}],` + asked + `}`:          "tools",
		`{"model":"m","tools":[{"type":"function","function":{"name":"a"}}],"tool_choice":"some",` + asked + `}`:                       "tool_choice",
		`{"model":"m","messages":[{"role":"robot","content":"x"}]}`:                                                                    "messages.0.role",
		`{"model":"m","messages":[{"role":"user","content":""}]}`:                                                                      "messages.0.content",
		`{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio"}]}]}`:                                                "messages.0.content.0.type",
		`{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://169.254.169.254/"}}]}]}`:    "messages.0.content.0.image_url.url",
		`{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:text/html;base64,aGk="}}]}]}`: "messages.0.content.0.image_url.url",
	} {
		_, err := parse(t, body)
		require.Equal(t, apperr.InvalidArgument, apperr.From(err).Kind, body)
		require.Contains(t, apperr.From(err).Fields, field, body)
	}
}

// events is an answer with reasoning, a text and two tools.
func events() []*aiv1.GenerateResponse {
	delta := func(s string) *aiv1.GenerateResponse {
		return &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Delta_{Delta: &aiv1.GenerateResponse_Delta{Text: s}}}
	}
	call := func(id string) *aiv1.GenerateResponse {
		return &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_ToolUse{ToolUse: &aiv1.GenerateResponse_ToolUseStart{Id: id, Name: "look"}}}
	}
	return []*aiv1.GenerateResponse{
		{Event: &aiv1.GenerateResponse_Started_{Started: &aiv1.GenerateResponse_Started{RequestId: "0190-ab", Model: "gpt"}}},
		{Event: &aiv1.GenerateResponse_Thinking{Thinking: &aiv1.Thinking{Text: "Hm"}}},
		{Event: &aiv1.GenerateResponse_Thinking{Thinking: &aiv1.Thinking{Signature: "sig"}}},
		delta("Let me "), delta("<look>."), call("c1"),
		{Event: &aiv1.GenerateResponse_ToolInput_{ToolInput: &aiv1.GenerateResponse_ToolInput{Json: `{"at":1}`}}},
		call("c2"),
		{Event: &aiv1.GenerateResponse_Usage{Usage: &aiv1.Usage{InputTokens: 10, OutputTokens: 7, CacheReadTokens: 5, CacheWriteTokens: 3}}},
		{Event: &aiv1.GenerateResponse_Done_{Done: &aiv1.GenerateResponse_Done{StopReason: "tool_use"}}},
	}
}

func TestAWholeAnswer(t *testing.T) {
	w := whole{created: 5}
	for _, e := range events() {
		w.add(e)
	}
	got, err := json.Marshal(w.completion)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"chatcmpl-0190ab","object":"chat.completion","created":5,"model":"gpt","choices":[{"index":0,"logprobs":null,
		"finish_reason":"tool_calls","message":{"role":"assistant","content":"Let me <look>.","refusal":null,"reasoning_content":"Hm","tool_calls":[
		{"id":"c1","type":"function","function":{"name":"look","arguments":"{\"at\":1}"}},
		{"id":"c2","type":"function","function":{"name":"look","arguments":"{}"}}]}}],
		"usage":{"prompt_tokens":18,"completion_tokens":7,"total_tokens":25,"prompt_tokens_details":{"cached_tokens":5}}}`, string(got))
}

func TestAStreamedAnswer(t *testing.T) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	s := stream{created: 5, countUsage: true, send: func(_ string, data any) error { return encoder.Encode(data) }}
	for _, e := range events() {
		require.NoError(t, s.add(e))
	}
	const head = `{"id":"chatcmpl-0190ab","object":"chat.completion.chunk","created":5,"model":"gpt","choices":[`
	const open = head + `{"index":0,"delta":`
	want := open + `{"role":"assistant","content":""},"finish_reason":null}]}
` + open + `{"reasoning_content":"Hm"},"finish_reason":null}]}
` + open + `{"content":"Let me "},"finish_reason":null}]}
` + open + `{"content":"<look>."},"finish_reason":null}]}
` + open + `{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"look","arguments":""}}]},"finish_reason":null}]}
` + open + `{"tool_calls":[{"index":0,"function":{"arguments":"{\"at\":1}"}}]},"finish_reason":null}]}
` + open + `{"tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"look","arguments":""}}]},"finish_reason":null}]}
` + open + `{},"finish_reason":"tool_calls"}]}
` + head + `],"usage":{"prompt_tokens":18,"completion_tokens":7,"total_tokens":25,"prompt_tokens_details":{"cached_tokens":5}}}
`
	require.Equal(t, want, out.String())
}

func TestErrorsHaveTheFormatsShape(t *testing.T) {
	for reason, want := range map[string]struct {
		code, status int
		kind, word   string
	}{
		"TOKEN_INVALID":       {401, 401, "authentication_error", "invalid_api_key"},
		"SCOPE_MISSING":       {403, 403, "permission_error", "scope_missing"},
		"MODEL_UNKNOWN":       {400, 404, "invalid_request_error", "model_not_found"},
		"PROMPT_TOO_LONG":     {413, 413, "invalid_request_error", "context_length_exceeded"},
		"RATE_LIMITED":        {429, 429, "rate_limit_error", "rate_limit_exceeded"},
		"QUOTA_EXCEEDED":      {429, 429, "insufficient_quota", "insufficient_quota"},
		"BUDGET_EXCEEDED":     {429, 429, "insufficient_quota", "insufficient_quota"},
		"PROVIDER_OVERLOADED": {503, 503, "server_error", "provider_overloaded"},
	} {
		header := http.Header{}
		status, body := Shape(header, problem.Detail{Code: want.code, Reason: reason, Message: "Words."})
		require.Equal(t, want.status, status, reason)
		text, err := json.Marshal(body)
		require.NoError(t, err)
		require.JSONEq(t, `{"error":{"type":"`+want.kind+`","message":"Words.","param":null,"code":"`+want.word+`"}}`, string(text))
		require.Equal(t, strings.HasSuffix(reason, "_EXCEEDED"), header.Get("x-should-retry") == "false")
	}
}
