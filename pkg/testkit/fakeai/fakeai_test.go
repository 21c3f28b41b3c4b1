package fakeai_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
	"atrium.internal/pkg/testkit/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

const patience = 10 * time.Second

// event is one server-sent event.
type event struct {
	name string
	data map[string]any
	raw  string
}

func post(t *testing.T, ctx context.Context, url, body string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func anthropic(t *testing.T, s *fakeai.Server, prompt string, stream bool) *http.Response {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"model": "claude-x", "max_tokens": 1000, "stream": stream, "messages": []any{map[string]any{"role": "user", "content": prompt}},
	})
	require.NoError(t, err)
	return post(t, t.Context(), s.AnthropicURL()+"/v1/messages", string(body), "anthropic-version", "2023-06-01", "x-api-key", "k")
}

func openai(t *testing.T, s *fakeai.Server, prompt string, stream bool) *http.Response {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"model": "gpt-x", "stream": stream, "stream_options": map[string]any{"include_usage": true},
		"messages": []any{map[string]any{"role": "system", "content": "s"}, map[string]any{"role": "user", "content": prompt}},
	})
	require.NoError(t, err)
	return post(t, t.Context(), s.OpenAIURL()+"/chat/completions", string(body), "Authorization", "Bearer k")
}

// events reads a stream to its end, in good order or not.
func events(t *testing.T, resp *http.Response) (list []event, err error) {
	t.Helper()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	reader := bufio.NewReader(resp.Body)
	var current event
	for {
		line, err := reader.ReadString('\n')
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		line = strings.TrimSuffix(line, "\n")
		switch name, value, _ := strings.Cut(line, ": "); name {
		case "event":
			current.name = value
		case "data":
			current.raw = value
			_ = json.Unmarshal([]byte(value), &current.data)
		case "":
			list, current = append(list, current), event{}
		}
	}
}

func names(list []event) string {
	var all []string
	for _, e := range list {
		all = append(all, e.name)
	}
	return strings.Join(all, " ")
}

func TestAnthropicsStreamHasTheDocumentedOrder(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t)
	s.Push(fakeai.Script{Chunks: []string{"Grü", "ße 👩‍", "👩"}, WriteSize: 1})
	list, err := events(t, anthropic(t, s, "hello", true))
	require.NoError(t, err)
	require.Equal(t, "message_start content_block_start ping content_block_delta content_block_delta "+
		"content_block_delta content_block_stop message_delta message_stop", names(list))
	text := ""
	for _, e := range list {
		require.Equal(t, e.name, e.data["type"])
		if delta, ok := e.data["delta"].(map[string]any); ok && delta["type"] == "text_delta" {
			text += delta["text"].(string)
		}
	}
	require.Equal(t, "Grüße 👩‍👩", text)
	call := s.Calls()[0]
	require.Equal(t, text, call.Sent())
	require.Equal(t, fakeai.Tokens(text), call.Counts().Output)
	require.EqualValues(t, call.Counts().Output, list[7].data["usage"].(map[string]any)["output_tokens"])
	require.Equal(t, "k", call.Header.Get("x-api-key"))
}

func TestOpenAIsStreamEndsWithUsageAndDone(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t)
	list, err := events(t, openai(t, s, "hello [[fake:text=one two]]", true))
	require.NoError(t, err)
	require.Len(t, list, 6) // role, two deltas, finish, usage, done
	require.Equal(t, "[DONE]", list[5].raw)
	counts := s.Calls()[0].Counts()
	usage := list[4].data["usage"].(map[string]any)
	require.EqualValues(t, counts.Output, usage["completion_tokens"])
	require.EqualValues(t, counts.Prompt(), usage["prompt_tokens"])
	require.Equal(t, "one two", s.Calls()[0].Sent())
}

func TestWholeAnswersWithoutAStream(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t)
	var claude struct {
		Content []struct{ Text string }
	}
	require.NoError(t, json.NewDecoder(anthropic(t, s, "[[fake:text=all at once]]", false).Body).Decode(&claude))
	require.Equal(t, "all at once", claude.Content[0].Text)
	var gpt struct {
		Choices []struct{ Message struct{ Content string } }
	}
	require.NoError(t, json.NewDecoder(openai(t, s, "hello", false).Body).Decode(&gpt))
	require.Equal(t, "You said: hello", gpt.Choices[0].Message.Content)
}

func TestForcedToolsAreCalledWithAFittingObject(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t)
	resp := post(t, t.Context(), s.AnthropicURL()+"/v1/messages", `{"model":"m","max_tokens":100,"stream":true,
		"messages":[{"role":"user","content":"hi"}],"tool_choice":{"type":"tool","name":"answer"},"tools":[{"name":"answer",
		"input_schema":{"type":"object","properties":{"n":{"type":"integer"},"s":{"type":"string"}}}}]}`, "anthropic-version", "2023-06-01")
	list, err := events(t, resp)
	require.NoError(t, err)
	require.Equal(t, "tool_use", list[1].data["content_block"].(map[string]any)["type"])
	partial := ""
	for _, e := range list {
		if delta, ok := e.data["delta"].(map[string]any); ok && delta["type"] == "input_json_delta" {
			partial += delta["partial_json"].(string)
		}
	}
	require.JSONEq(t, `{"n":1,"s":"fake s"}`, partial)
}

func TestMalformedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t, fakeai.Options{Key: "right"})
	ok := `"max_tokens":5,"messages":[{"role":"user","content":"x"}]`
	for body, want := range map[string]int{
		`{"model":"m",` + ok + `}`:                                                  200,
		`{"model":"m",` + ok + `,"surprise":1}`:                                     400,
		`{` + ok + `}`:                                                              400,
		`{"model":"m","messages":[{"role":"user","content":"x"}]}`:                  400,
		`{"model":"m","max_tokens":5,"messages":[]}`:                                400,
		`{"model":"m","max_tokens":5,"messages":[{"role":"system","content":"x"}]}`: 400,
		`{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"  "}]}`:  400,
		`{"model":"m","temperature":1.5,` + ok + `}`:                                400,
		`not json`: 400,
		`{"model":"m","output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},` + ok + `}`: 400,
	} {
		resp := post(t, t.Context(), s.AnthropicURL()+"/v1/messages", body, "anthropic-version", "2023-06-01", "x-api-key", "right")
		require.Equal(t, want, resp.StatusCode, body)
	}
	require.Equal(t, 401, post(t, t.Context(), s.AnthropicURL()+"/v1/messages", `{}`, "x-api-key", "wrong").StatusCode)
	require.Equal(t, 401, post(t, t.Context(), s.OpenAIURL()+"/chat/completions", `{}`, "Authorization", "Bearer wrong").StatusCode)
}

func TestModelsAndTokenCounts(t *testing.T) {
	t.Parallel()
	s := fakeai.New(t, fakeai.Options{Models: []string{"a", "b"}})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.OpenAIURL()+"/models", nil)
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	var list struct{ Data []struct{ ID string } }
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&list))
	require.Len(t, list.Data, 2)

	counted := post(t, t.Context(), s.AnthropicURL()+"/v1/messages/count_tokens",
		`{"model":"m","messages":[{"role":"user","content":"123456"}]}`, "anthropic-version", "2023-06-01")
	body, err := io.ReadAll(counted.Body)
	require.NoError(t, err)
	require.JSONEq(t, `{"input_tokens":6}`, string(body)) // two for the text, four for the message
}
