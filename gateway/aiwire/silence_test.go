package aiwire_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/aiwire/anthropic"
	"atrium.internal/gateway/aiwire/openai"
	"atrium.internal/gateway/sse"
)

// thinker is a model that begins, says nothing for a while, and then ends.
type thinker struct {
	aiv1.AIServiceClient
	silence time.Duration
}

func (m thinker) Generate(context.Context, *aiv1.GenerateRequest, ...grpc.CallOption) (grpc.ServerStreamingClient[aiv1.GenerateResponse], error) {
	return &thought{silence: m.silence}, nil
}

type thought struct {
	grpc.ServerStreamingClient[aiv1.GenerateResponse]
	silence time.Duration
	next    int
}

func (t *thought) Recv() (*aiv1.GenerateResponse, error) {
	t.next++
	switch t.next {
	case 1:
		return &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Started_{Started: &aiv1.GenerateResponse_Started{RequestId: "r", Model: "m"}}}, nil
	case 2:
		return delta("before"), nil
	case 3:
		time.Sleep(t.silence)
		return delta("after"), nil
	case 4:
		return &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Done_{Done: &aiv1.GenerateResponse_Done{StopReason: "stop"}}}, nil
	}
	return nil, io.EOF
}

func delta(text string) *aiv1.GenerateResponse {
	return &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Delta_{Delta: &aiv1.GenerateResponse_Delta{Text: text}}}
}

// reader notes when a sign of life is on its way to it.
type reader struct {
	*httptest.ResponseRecorder
	sign  string
	began time.Time
	signs []time.Duration
}

func (r *reader) Flush() {
	for range strings.Count(r.Body.String(), r.sign) - len(r.signs) {
		r.signs = append(r.signs, time.Since(r.began))
	}
}

// Between a reader and the platform are proxies that give up a connection on which
// nothing comes, most after a minute.
func TestASilentAnswerGivesSignsOfLife(t *testing.T) {
	asked := `{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"think"}]}`
	for format, how := range map[string]struct {
		serve      func(thinker) http.HandlerFunc
		sign, body string
	}{
		"atrium": {
			func(m thinker) http.HandlerFunc { return sse.Generate{Client: m}.ServeHTTP }, ": still here\n\n",
			`{"messages":[{"role":"ROLE_USER","parts":[{"text":"think"}]}]}`,
		},
		"openai":    {func(m thinker) http.HandlerFunc { return openai.Handler{Client: m}.Completions }, ": still here\n\n", asked},
		"anthropic": {func(m thinker) http.HandlerFunc { return anthropic.Handler{Client: m}.Messages }, "event: ping\ndata: {\"type\":\"ping\"}\n\n", asked},
	} {
		t.Run(format, func(t *testing.T) {
			for silence, signs := range map[time.Duration][]time.Duration{
				14 * time.Second: nil,
				50 * time.Second: {15 * time.Second, 30 * time.Second, 45 * time.Second},
			} {
				synctest.Test(t, func(t *testing.T) {
					out := &reader{ResponseRecorder: httptest.NewRecorder(), sign: how.sign, began: time.Now()}
					r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(how.body))
					r.Header.Set("Accept", "text/event-stream")
					how.serve(thinker{silence: silence})(out, r)
					shown := out.Body.String()
					require.Equal(t, signs, out.signs, shown)
					before, after := strings.Index(shown, "before"), strings.Index(shown, "after")
					require.Positive(t, before, shown)
					require.Equal(t, len(signs), strings.Count(shown[before:max(before, after)], how.sign), shown)
				})
			}
		})
	}
}
