package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	anthropic "github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	openaioption "github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

// wires is a platform with a model behind each wire format, both at one far
// end that counts for itself.
type wires struct {
	*platform
	far   *fakeai.Server
	user  *browser
	token string
}

const (
	behindAnthropic = "claude-sonnet-4-5-20250929"
	behindOpenAI    = "local-model"
)

// models are the two, for tests that hold for any model behind a wire.
var models = []string{behindAnthropic, behindOpenAI}

func startWires(t *testing.T, mode string, env ...string) *wires {
	far := fakeai.New(t, fakeai.Options{Key: "sk-far-end"})
	p := startPlatform(t, mode, append([]string{
		"ANTHROPIC_API_KEY=sk-far-end", "ANTHROPIC_BASE_URL=" + far.AnthropicURL(),
		"ATRIUM_AI_OPENAI_API_KEY=sk-far-end", "ATRIUM_AI_OPENAI_BASE_URL=" + far.OpenAIURL(), "ATRIUM_AI_OPENAI_MODELS=" + behindOpenAI + "=1/2",
		"ATRIUM_AI_ATTEMPTS=1",
	}, env...)...)
	user := p.browser(t)
	user.register("ada")
	s, _ := user.token("ai")
	return &wires{platform: p, far: far, user: user, token: s.token}
}

// toPlatform sends requests for the platform's host to where it listens.
type toPlatform struct{ port int }

func (d toPlatform) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Host, r.URL.Host = r.URL.Host, fmt.Sprintf("127.0.0.1:%d", d.port)
	return http.DefaultTransport.RoundTrip(r)
}

func (w *wires) anthropic(token string) anthropic.Client {
	return anthropic.NewClient(anthropicoption.WithoutEnvironmentDefaults(), anthropicoption.WithAPIKey(token),
		anthropicoption.WithBaseURL("http://"+w.host()+"/api/ai/anthropic"), anthropicoption.WithMaxRetries(0),
		anthropicoption.WithHTTPClient(&http.Client{Transport: toPlatform{w.port}}))
}

func (w *wires) openai(token string) openai.Client {
	return openai.NewClient(openaioption.WithAPIKey(token), openaioption.WithMaxRetries(0),
		openaioption.WithBaseURL("http://"+w.host()+"/api/ai/openai/v1"),
		openaioption.WithHTTPClient(&http.Client{Transport: toPlatform{w.port}}))
}

// requireSettled holds the ledger against what the far end counted to the end.
func (w *wires) requireSettled(t *testing.T) {
	t.Helper()
	eventually(t, "the ledger has what the far end counted", func() error {
		var want fakeai.Counts
		answers := 0
		for _, c := range w.far.Calls() {
			n, final := c.Told()
			if !final {
				continue
			}
			answers++
			want.Input, want.Output = want.Input+n.Input, want.Output+n.Output
			want.CacheRead, want.CacheWrite = want.CacheRead+n.CacheRead, want.CacheWrite+n.CacheWrite
		}
		got := rows(t, w.platform, `SELECT concat_ws(' ', count(*), sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens))
			FROM ai.ai_usage WHERE status = 'settled' AND counted_by = 'provider'`)[0]
		if expected := fmt.Sprintf("%d %d %d %d %d", answers, want.Input, want.Output, want.CacheRead, want.CacheWrite); got != expected {
			return fmt.Errorf("ledger: %s; far end: %s", got, expected)
		}
		return nil
	})
}

var imageBytes = []byte{0x89, 'P', 'N', 'G', 1, 2, 3}

// lookTool answers a question about a tool with its use, and its result with a text.
func lookTool(q fakeai.Question) fakeai.Script {
	last := q.Messages[len(q.Messages)-1]
	switch {
	case len(last.ToolResults) > 0:
		return fakeai.Script{Text: "The tool said: " + last.ToolResults[0].Text}
	case len(q.Tools) > 0:
		return fakeai.Script{Text: "I look.", ToolUses: []fakeai.ToolUse{{ID: "use_1", Name: q.Tools[0], Input: `{"place":"here"}`}}}
	case len(last.Images) > 0:
		return fakeai.Script{Text: fmt.Sprintf("I see %s of %d bytes.", last.Images[0].MediaType, len(last.Images[0].Data))}
	}
	return fakeai.Script{}
}

func TestAnthropicsOwnSDKWorksWithAPlatformToken(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			w := startWires(t, mode)
			w.far.Answer(lookTool)
			client := w.anthropic(w.token)
			for _, model := range models {
				t.Run(model, func(t *testing.T) { anthropicJourney(t, client, model) })
			}
			w.requireSettled(t)
			require.Equal(t, []string{"gateway.anthropic"}, rows(t, w.platform, `SELECT DISTINCT source FROM ai.ai_usage`))
			require.NotEmpty(t, rows(t, w.platform, `SELECT event_type FROM audit.audit_log WHERE action = 'generate' AND status = 'success'`))
		})
	}
}

func anthropicJourney(t *testing.T, client anthropic.Client, model string) {
	ctx := t.Context()
	ask := func(blocks ...anthropic.ContentBlockParamUnion) anthropic.MessageNewParams {
		return anthropic.MessageNewParams{
			Model: model, MaxTokens: 500, System: []anthropic.TextBlockParam{{Text: "Be kind."}},
			Messages: []anthropic.MessageParam{anthropic.NewUserMessage(blocks...)},
		}
	}
	whole, err := client.Messages.New(ctx, ask(anthropic.NewTextBlock("Grüße, 日本 <b>")))
	require.NoError(t, err)
	require.Equal(t, "You said: Grüße, 日本 <b>", whole.Content[0].Text)
	require.Equal(t, anthropic.StopReasonEndTurn, whole.StopReason)
	require.Positive(t, whole.Usage.InputTokens)
	require.Equal(t, fakeai.Tokens(whole.Content[0].Text), whole.Usage.OutputTokens)

	stopped := ask(anthropic.NewTextBlock("one two three four"))
	stopped.StopSequences = []string{"three"}
	whole, err = client.Messages.New(ctx, stopped)
	require.NoError(t, err)
	require.Equal(t, "You said: one two ", whole.Content[0].Text)

	image := ask(anthropic.NewTextBlock("What is it?"), anthropic.NewImageBlockBase64("image/png", base64.StdEncoding.EncodeToString(imageBytes)))
	whole, err = client.Messages.New(ctx, image)
	require.NoError(t, err)
	require.Equal(t, "I see image/png of 7 bytes.", whole.Content[0].Text)

	// A tool's round trip, streamed.
	params := ask(anthropic.NewTextBlock("Where?"))
	params.Tools = []anthropic.ToolUnionParam{{OfTool: &anthropic.ToolParam{
		Name: "look", InputSchema: anthropic.ToolInputSchemaParam{Properties: object{"place": object{"type": "string"}}},
	}}}
	var message anthropic.Message
	stream := client.Messages.NewStreaming(ctx, params)
	for stream.Next() {
		require.NoError(t, message.Accumulate(stream.Current()))
	}
	require.NoError(t, stream.Err())
	require.Equal(t, anthropic.StopReasonToolUse, message.StopReason)
	require.Len(t, message.Content, 2)
	require.Equal(t, "I look.", message.Content[0].Text)
	require.JSONEq(t, `{"place":"here"}`, string(message.Content[1].Input))
	require.Positive(t, message.Usage.InputTokens)
	require.Positive(t, message.Usage.OutputTokens)
	params.Messages = append(params.Messages, message.ToParam(), anthropic.NewUserMessage(anthropic.NewToolResultBlock(message.Content[1].ID, "nothing", false)))
	whole, err = client.Messages.New(ctx, params)
	require.NoError(t, err)
	require.Equal(t, "The tool said: nothing", whole.Content[0].Text)

	count, err := client.Messages.CountTokens(ctx, anthropic.MessageCountTokensParams{Model: model, Messages: params.Messages})
	require.NoError(t, err)
	require.Positive(t, count.InputTokens)
	page, err := client.Models.List(ctx, anthropic.ModelListParams{})
	require.NoError(t, err)
	require.Contains(t, ids(page.Data, func(m anthropic.ModelInfo) string { return m.ID }), model)
}

func ids[T any](list []T, id func(T) string) (out []string) {
	for _, item := range list {
		out = append(out, id(item))
	}
	return out
}

func TestOpenAIsOwnSDKWorksWithAPlatformToken(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			w := startWires(t, mode)
			w.far.Answer(lookTool)
			client := w.openai(w.token)
			for _, model := range models {
				t.Run(model, func(t *testing.T) { openaiJourney(t, client, model) })
			}
			w.requireSettled(t)
			require.Equal(t, []string{"gateway.openai"}, rows(t, w.platform, `SELECT DISTINCT source FROM ai.ai_usage`))
		})
	}
}

func openaiJourney(t *testing.T, client openai.Client, model string) {
	ctx := t.Context()
	ask := func(messages ...openai.ChatCompletionMessageParamUnion) openai.ChatCompletionNewParams {
		return openai.ChatCompletionNewParams{Model: model, Messages: append([]openai.ChatCompletionMessageParamUnion{openai.SystemMessage("Be kind.")}, messages...)}
	}
	whole, err := client.Chat.Completions.New(ctx, ask(openai.UserMessage("Grüße, 日本 <b>")))
	require.NoError(t, err)
	require.Equal(t, "You said: Grüße, 日本 <b>", whole.Choices[0].Message.Content)
	require.Equal(t, "stop", whole.Choices[0].FinishReason)
	require.Positive(t, whole.Usage.PromptTokens)
	require.Equal(t, fakeai.Tokens(whole.Choices[0].Message.Content), whole.Usage.CompletionTokens)

	image := ask(openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{
		openai.TextContentPart("What is it?"),
		openai.ImageContentPart(openai.ChatCompletionContentPartImageImageURLParam{URL: "data:image/png;base64," + base64.StdEncoding.EncodeToString(imageBytes)}),
	}))
	whole, err = client.Chat.Completions.New(ctx, image)
	require.NoError(t, err)
	require.Equal(t, "I see image/png of 7 bytes.", whole.Choices[0].Message.Content)

	params := ask(openai.UserMessage("Where?"))
	params.StreamOptions.IncludeUsage = openai.Bool(true)
	params.Tools = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
		Name: "look", Parameters: shared.FunctionParameters{"type": "object", "properties": object{"place": object{"type": "string"}}},
	})}
	var all openai.ChatCompletionAccumulator
	stream := client.Chat.Completions.NewStreaming(ctx, params)
	for stream.Next() {
		require.True(t, all.AddChunk(stream.Current()))
	}
	require.NoError(t, stream.Err())
	said := all.Choices[0]
	require.Equal(t, "tool_calls", said.FinishReason)
	require.Equal(t, "I look.", said.Message.Content)
	require.JSONEq(t, `{"place":"here"}`, said.Message.ToolCalls[0].Function.Arguments)
	require.Positive(t, all.Usage.PromptTokens)
	params.Messages = append(params.Messages, said.Message.ToParam(), openai.ToolMessage("nothing", said.Message.ToolCalls[0].ID))
	params.StreamOptions = openai.ChatCompletionStreamOptionsParam{}
	whole, err = client.Chat.Completions.New(ctx, params)
	require.NoError(t, err)
	require.Equal(t, "The tool said: nothing", whole.Choices[0].Message.Content)

	page, err := client.Models.List(ctx)
	require.NoError(t, err)
	require.Contains(t, ids(page.Data, func(m openai.Model) string { return m.ID }), model)
}

func TestErrorsComeInTheWiresOwnShape(t *testing.T) {
	w := startWires(t, "one process")
	chatOnly, _ := w.user.token("chat")
	ctx := t.Context()
	ask := func(token, model, prompt string) (claude *anthropic.Error, gpt *openai.Error) {
		_, err := w.anthropicOf(token).New(ctx, anthropic.MessageNewParams{
			Model: model, MaxTokens: 10, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(prompt))},
		})
		require.ErrorAs(t, err, &claude)
		c := w.openai(token)
		_, err = c.Chat.Completions.New(ctx, openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(prompt)}})
		require.ErrorAs(t, err, &gpt)
		return claude, gpt
	}
	for _, c := range []struct {
		token, model, prompt string
		status               int
		kind                 anthropic.ErrorType
		code                 string
	}{
		{"atr_none", behindAnthropic, "Hello.", 401, "authentication_error", "invalid_api_key"},
		{chatOnly.token, behindAnthropic, "Hello.", 403, "permission_error", "scope_missing"},
		{w.token, "gpt-99", "Hello.", 404, "not_found_error", "model_not_found"},
		{w.token, behindAnthropic, "[[fake:status=400]]", 400, "invalid_request_error", "provider_rejected"},
		{w.token, behindAnthropic, "[[fake:status=413]]", 413, "request_too_large", "context_length_exceeded"},
		{w.token, behindOpenAI, "[[fake:status=429,retry-after=7s]]", 503, "overloaded_error", "provider_rate_limited"},
		{w.token, behindAnthropic, "[[fake:status=529]]", 503, "overloaded_error", "provider_overloaded"},
	} {
		claude, gpt := ask(c.token, c.model, c.prompt)
		require.Equal(t, c.status, claude.StatusCode, c.prompt)
		require.Equal(t, c.kind, claude.Type(), c.prompt)
		require.Equal(t, c.status, gpt.StatusCode, c.prompt)
		require.Equal(t, c.code, gpt.Code, c.prompt)
		if strings.Contains(c.prompt, "retry-after") {
			require.Equal(t, "7", claude.Response.Header.Get("Retry-After"))
			require.Equal(t, "7", gpt.Response.Header.Get("Retry-After"))
		}
	}
	poor := onPlan(t, w.platform, "poor", 5, 1)
	token, _ := poor.token("ai")
	claude, gpt := ask(token.token, behindAnthropic, "Hello.")
	require.Equal(t, 429, claude.StatusCode)
	require.Equal(t, "false", claude.Response.Header.Get("x-should-retry"))
	require.Equal(t, "insufficient_quota", gpt.Code)

	tooLarge := w.user.call("POST", "/api/ai/openai/v1/chat/completions", object{"model": strings.Repeat("x", 33<<20)})
	require.Equal(t, 413, tooLarge.StatusCode)
	require.Equal(t, "body_too_large", tooLarge.object(t)["error"].(object)["code"])
	missing := w.user.call("GET", "/api/ai/anthropic/v1/files", nil)
	require.Equal(t, 404, missing.StatusCode)
	require.Equal(t, "error", missing.object(t)["type"])
}

func (w *wires) anthropicOf(token string) *anthropic.MessageService {
	client := w.anthropic(token)
	return &client.Messages
}

func TestABrokenStreamIsToldInTheWiresOwnWords(t *testing.T) {
	w := startWires(t, "one process")
	for _, model := range models {
		for _, prompt := range []string{"[[fake:words=9,cut-after=2]]", "[[fake:words=9,error-after=2]]"} {
			stream := w.anthropicOf(w.token).NewStreaming(t.Context(), anthropic.MessageNewParams{
				Model: model, MaxTokens: 100, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(prompt))},
			})
			for stream.Next() {
			}
			require.ErrorContains(t, stream.Err(), "PROVIDER_", "%s %s", model, prompt)
			c := w.openai(w.token)
			chunks := c.Chat.Completions.NewStreaming(t.Context(), openai.ChatCompletionNewParams{
				Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(prompt)},
			})
			for chunks.Next() {
			}
			require.ErrorContains(t, chunks.Err(), "provider_", "%s %s", model, prompt)
		}
	}
}

func TestACancelledRequestStopsTheProvidersStream(t *testing.T) {
	w := startWires(t, "services")
	for n, model := range models {
		ctx, cancel := context.WithCancel(t.Context())
		stream := w.anthropicOf(w.token).NewStreaming(ctx, anthropic.MessageNewParams{
			Model: model, MaxTokens: 100,
			Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("[[fake:words=9,hang-after=2]]"))},
		})
		for stream.Next() {
			if stream.Current().Type == "content_block_delta" {
				cancel()
			}
		}
		cancel()
		require.ErrorIs(t, stream.Err(), context.Canceled)
		call, err := w.far.Wait(t.Context(), n)
		require.NoError(t, err)
		eventually(t, "the far end is left", func() error {
			select {
			case <-call.Done():
				require.True(t, call.ClientLeft())
				return nil
			default:
				return fmt.Errorf("it still writes")
			}
		})
	}
	eventually(t, "both are settled by an estimate", func() error {
		if got := rows(t, w.platform, `SELECT count(*)::text FROM ai.ai_usage WHERE status = 'settled' AND counted_by = 'estimated'`); got[0] != "2" {
			return fmt.Errorf("%s are", got)
		}
		return nil
	})
}

func TestARemoteImageIsNotFetched(t *testing.T) {
	w := startWires(t, "one process")
	body, err := json.Marshal(object{"model": behindAnthropic, "max_tokens": 5, "messages": []object{{"role": "user", "content": []object{
		{"type": "image", "source": object{"type": "url", "url": w.far.AnthropicURL() + "/v1/models"}},
	}}}})
	require.NoError(t, err)
	got := w.user.call("POST", "/api/ai/anthropic/v1/messages", json.RawMessage(body))
	require.Equal(t, 400, got.StatusCode, "%s", got.body)
	got = w.user.call("POST", "/api/ai/openai/v1/chat/completions", object{"model": behindOpenAI, "messages": []object{{"role": "user", "content": []object{
		{"type": "image_url", "image_url": object{"url": w.far.AnthropicURL() + "/v1/models"}},
	}}}})
	require.Equal(t, 400, got.StatusCode, "%s", got.body)
	require.Equal(t, "messages.0.content.0.image_url.url", got.object(t)["error"].(object)["param"])
	require.Empty(t, w.far.Calls(), "nobody fetched it, and nobody was asked")
}
