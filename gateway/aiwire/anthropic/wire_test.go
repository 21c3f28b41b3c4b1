package anthropic

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
	return in.generate(false)
}

func text(s string, cache bool) *aiv1.ContentPart {
	return &aiv1.ContentPart{Part: &aiv1.ContentPart_Text{Text: s}, Cache: cache}
}

func TestARequestKeepsAllThatItSays(t *testing.T) {
	got, err := parse(t, `{"model":"claude","max_tokens":100,"temperature":0.5,"top_p":0.9,"top_k":40,"stop_sequences":["END"],
		"metadata":{"user_id":"x"},"service_tier":"auto","something_new":{"a":1},
		"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],
		"thinking":{"type":"enabled","budget_tokens":2048},
		"tools":[{"name":"look","description":"Looks.","input_schema":{"type":"object","properties":{"b":{},"a":{}}},"cache_control":{"type":"ephemeral"}}],
		"tool_choice":{"type":"tool","name":"look","disable_parallel_tool_use":true},
		"messages":[
			{"role":"user","content":"What is this?"},
			{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"sig"},{"type":"redacted_thinking","data":"xyz"},
				{"type":"text","text":"Let me look."},{"type":"tool_use","id":"t1","name":"look","input":{"at":"it"}}]},
			{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":true,"content":[{"type":"text","text":"no"},
				{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}]},{"type":"text","text":"  "},
				{"type":"document","source":{"type":"text","media_type":"text/plain","data":"a file"}},
				{"type":"text","text":"So?","cache_control":{"type":"ephemeral","ttl":"1h"}}]}]}`)
	require.NoError(t, err)
	half, most, k := 0.5, 0.9, int32(40)
	want := &aiv1.GenerateRequest{
		Model: "claude", MaxTokens: 100, Temperature: &half, TopP: &most, TopK: &k, StopSequences: []string{"END"}, Source: "gateway.anthropic",
		SystemParts: []*aiv1.ContentPart{text("Be brief.", true)},
		Thinking:    &aiv1.ThinkingBudget{Mode: "on", Tokens: 2048},
		Tools:       []*aiv1.Tool{{Name: "look", Description: "Looks.", InputSchema: `{"type":"object","properties":{"b":{},"a":{}}}`, Cache: true}},
		ToolChoice:  &aiv1.ToolChoice{Mode: "tool", Name: "look", Single: true},
		Messages: []*aiv1.ChatMessage{
			{Role: "user", Parts: []*aiv1.ContentPart{text("What is this?", false)}},
			{Role: "assistant", Parts: []*aiv1.ContentPart{
				{Part: &aiv1.ContentPart_Thinking{Thinking: &aiv1.Thinking{Text: "Hm.", Signature: "sig"}}},
				{Part: &aiv1.ContentPart_Thinking{Thinking: &aiv1.Thinking{Redacted: "xyz"}}},
				text("Let me look.", false),
				{Part: &aiv1.ContentPart_ToolUse{ToolUse: &aiv1.ToolUse{Id: "t1", Name: "look", Input: `{"at":"it"}`}}},
			}},
			{Role: "user", Parts: []*aiv1.ContentPart{
				{Part: &aiv1.ContentPart_ToolResult{ToolResult: &aiv1.ToolResult{ToolUseId: "t1", IsError: true, Parts: []*aiv1.ContentPart{
					text("no", false), {Part: &aiv1.ContentPart_Image{Image: &aiv1.Image{MediaType: "image/png", Data: []byte("hi")}}},
				}}}},
				text("a file", false), text("So?", true),
			}},
		},
	}
	require.True(t, proto.Equal(want, got), "%v\n%v", want, got)
}

func TestWhatCanNotBeDoneIsRefusedByName(t *testing.T) {
	for field, body := range map[string]string{
		"model":           `{"max_tokens":1,"messages":[{"role":"user","content":"x"}]}`,
		"max_tokens":      `{"model":"m","messages":[{"role":"user","content":"x"}]}`,
		"messages":        `{"model":"m","max_tokens":1}`,
		"messages.0.role": `{"model":"m","max_tokens":1,"messages":[{"role":"system","content":"x"}]}`,
		"messages.0.content.0.source.type": `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image",
			"source":{"type":"url","url":"http://169.254.169.254/latest/meta-data"}}]}]}`,
		"messages.0.content.0.source": `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image",
			"source":{"type":"base64","media_type":"image/svg+xml","data":"aGk="}}]}]}`,
		"messages.0.content": `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[]}]}`,
		"tools":              `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"tools":[{"type":"web_search_20250305","name":"web_search"}]}`,
		"mcp_servers":        `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"mcp_servers":[{"url":"http://x"}]}`,
	} {
		_, err := parse(t, body)
		require.Equal(t, apperr.InvalidArgument, apperr.From(err).Kind, body)
		require.Contains(t, apperr.From(err).Fields, field)
	}
}

// events is an answer with thinking, a text and two tools.
func events() []*aiv1.GenerateResponse {
	thinking := func(t *aiv1.Thinking) *aiv1.GenerateResponse {
		return &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Thinking{Thinking: t}}
	}
	delta := func(s string) *aiv1.GenerateResponse {
		return &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Delta_{Delta: &aiv1.GenerateResponse_Delta{Text: s}}}
	}
	use := func(id string) *aiv1.GenerateResponse {
		return &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_ToolUse{ToolUse: &aiv1.GenerateResponse_ToolUseStart{Id: id, Name: "look"}}}
	}
	input := func(s string) *aiv1.GenerateResponse {
		return &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_ToolInput_{ToolInput: &aiv1.GenerateResponse_ToolInput{Json: s}}}
	}
	return []*aiv1.GenerateResponse{
		{Event: &aiv1.GenerateResponse_Started_{Started: &aiv1.GenerateResponse_Started{
			RequestId: "0190-ab", Model: "claude", Prompt: &aiv1.Usage{InputTokens: 9, CacheReadTokens: 5},
		}}},
		thinking(&aiv1.Thinking{Text: "H"}), thinking(&aiv1.Thinking{Text: "m"}), thinking(&aiv1.Thinking{Signature: "sig"}),
		thinking(&aiv1.Thinking{Redacted: "xyz"}),
		delta("Let me "), delta("<look>."), use("t1"), input(`{"at":`), input(`"it"}`), use("t2"),
		{Event: &aiv1.GenerateResponse_Usage{Usage: &aiv1.Usage{InputTokens: 10, OutputTokens: 7, CacheReadTokens: 5, CacheWriteTokens: 3}}},
		{Event: &aiv1.GenerateResponse_Done_{Done: &aiv1.GenerateResponse_Done{StopReason: "tool_use"}}},
	}
}

func TestAWholeAnswer(t *testing.T) {
	var w whole
	for _, e := range events() {
		w.add(e)
	}
	got, err := json.Marshal(w.answer)
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"msg_0190ab","type":"message","role":"assistant","model":"claude","content":[
		{"type":"thinking","thinking":"Hm","signature":"sig"},{"type":"redacted_thinking","data":"xyz"},
		{"type":"text","text":"Let me <look>."},{"type":"tool_use","id":"t1","name":"look","input":{"at":"it"}},
		{"type":"tool_use","id":"t2","name":"look","input":{}}],
		"stop_reason":"tool_use","stop_sequence":null,
		"usage":{"input_tokens":10,"output_tokens":7,"cache_read_input_tokens":5,"cache_creation_input_tokens":3}}`, string(got))
}

func TestAStreamedAnswer(t *testing.T) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	s := stream{send: func(name string, data any) error { out.WriteString(name + " "); return encoder.Encode(data) }}
	for _, e := range events() {
		require.NoError(t, s.add(e))
	}
	require.Equal(t, `message_start {"type":"message_start","message":{"id":"msg_0190ab","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"cache_creation_input_tokens":0,"cache_read_input_tokens":5,"output_tokens":0}}}
content_block_start {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}
content_block_delta {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"H"}}
content_block_delta {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"m"}}
content_block_delta {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig"}}
content_block_stop {"type":"content_block_stop","index":0}
content_block_start {"type":"content_block_start","index":1,"content_block":{"type":"redacted_thinking","data":"xyz"}}
content_block_stop {"type":"content_block_stop","index":1}
content_block_start {"type":"content_block_start","index":2,"content_block":{"type":"text","text":""}}
content_block_delta {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"Let me "}}
content_block_delta {"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"<look>."}}
content_block_stop {"type":"content_block_stop","index":2}
content_block_start {"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t1","name":"look","input":{}}}
content_block_delta {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"at\":"}}
content_block_delta {"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"\"it\"}"}}
content_block_stop {"type":"content_block_stop","index":3}
content_block_start {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"t2","name":"look","input":{}}}
content_block_stop {"type":"content_block_stop","index":4}
message_delta {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":5,"output_tokens":7}}
message_stop {"type":"message_stop"}
`, out.String())
}

func TestErrorsHaveTheFormatsShape(t *testing.T) {
	for reason, want := range map[string]struct {
		code   int
		status int
		kind   string
	}{
		"TOKEN_INVALID":       {401, 401, "authentication_error"},
		"SCOPE_MISSING":       {403, 403, "permission_error"},
		"MODEL_UNKNOWN":       {400, 404, "not_found_error"},
		"BODY_TOO_LARGE":      {413, 413, "request_too_large"},
		"RATE_LIMITED":        {429, 429, "rate_limit_error"},
		"QUOTA_EXCEEDED":      {429, 429, "rate_limit_error"},
		"BUDGET_EXCEEDED":     {429, 429, "rate_limit_error"},
		"PROVIDER_OVERLOADED": {503, 503, "overloaded_error"},
		"PROVIDER_TIMEOUT":    {503, 503, "timeout_error"},
		"PROVIDER_FAILED":     {503, 503, "api_error"},
		"REQUEST_ID_REUSED":   {409, 409, "invalid_request_error"},
	} {
		header := http.Header{}
		status, body := Shape(header, problem.Detail{Code: want.code, Reason: reason, Message: "Words.", RequestID: "r"})
		require.Equal(t, want.status, status, reason)
		text, err := json.Marshal(body)
		require.NoError(t, err)
		require.JSONEq(t, `{"type":"error","error":{"type":"`+want.kind+`","message":"Words.","reason":"`+reason+`"},"request_id":"r"}`, string(text))
		require.Equal(t, strings.HasSuffix(reason, "_EXCEEDED"), header.Get("x-should-retry") == "false")
	}
}

// SDKs send the whole conversation when they read this refusal, and no other.
func TestAKeptConversationIsRefusedInTheFormatsOwnWord(t *testing.T) {
	for _, thread := range []string{`{"type":"create"}`, `{"type":"continue","previous_message_id":"msg_1"}`} {
		var in request
		require.NoError(t, json.Unmarshal([]byte(`{"model":"m","max_tokens":1,"messages":[],"thread":`+thread+`}`), &in))
		_, err := in.generate(false)
		require.ErrorIs(t, err, errThread)
	}
	status, body := Shape(http.Header{}, problem.Detail{Code: 400, Reason: errThread.Reason})
	require.Equal(t, http.StatusBadRequest, status)
	text, err := json.Marshal(body)
	require.NoError(t, err)
	require.Contains(t, string(text), `"type":"invalid_request_error"`)
	require.Contains(t, string(text), `"details":{"error_code":"thread_unsupported_request","unsupported":["thread"]}`)
}
