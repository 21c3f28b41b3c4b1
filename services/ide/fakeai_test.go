package ide_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/structpb"

	"atrium.internal/pkg/grpcx"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
)

// fakeAI answers every call with the texts for its source, piece by piece, and
// remembers the calls.
type fakeAI struct {
	aiv1.AIServiceClient
	answers map[string][]string
	calls   *[]call
}

type call struct {
	request  *aiv1.GenerateRequest
	identity []string
}

func (f fakeAI) Generate(ctx context.Context, r *aiv1.GenerateRequest, _ ...grpc.CallOption) (grpc.ServerStreamingClient[aiv1.GenerateResponse], error) {
	md, _ := metadata.FromOutgoingContext(ctx)
	*f.calls = append(*f.calls, call{request: r, identity: md.Get(grpcx.MetadataIdentity)})
	events := []*aiv1.GenerateResponse{{Event: &aiv1.GenerateResponse_Started_{Started: &aiv1.GenerateResponse_Started{RequestId: "request-1"}}}}
	for _, text := range f.answers[r.GetSource()] {
		events = append(events, &aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Delta_{Delta: &aiv1.GenerateResponse_Delta{Text: text}}})
	}
	events = append(events,
		&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Usage{Usage: &aiv1.Usage{InputTokens: 1, OutputTokens: 1}}},
		&aiv1.GenerateResponse{Event: &aiv1.GenerateResponse_Done_{Done: &aiv1.GenerateResponse_Done{StopReason: "end_turn"}}})
	return &replay{events: events}, nil
}

type replay struct {
	grpc.ClientStream
	events []*aiv1.GenerateResponse
}

func (r *replay) Recv() (*aiv1.GenerateResponse, error) {
	if len(r.events) == 0 {
		return nil, io.EOF
	}
	event := r.events[0]
	r.events = r.events[1:]
	return event, nil
}

func TestEditorAIGoesToTheAIServiceAsTheCaller(t *testing.T) {
	p := newPlatform(t)
	ctx, _ := p.user(t)
	p.ai.answers["ide.complete"] = []string{"retu", "rn n + 1"}
	p.ai.answers["ide.explain"] = []string{"It adds ", "one."}
	p.ai.answers["ide.debug"] = []string{`{"cause":"c","explanation":"e","fixedCode":"f","confi`, `dence":0.9}`}
	p.ai.answers["ide.refactor"] = []string{`{"code":"x = 2","explanation":"why"}`}

	completed, err := p.code.Complete(ctx, &idev1.CompleteRequest{Code: "def inc(n):\n    \n", Cursor: structpb.NewNumberValue(16), Language: "python"})
	require.NoError(t, err)
	require.Equal(t, "return n + 1", completed.GetCompletion())
	require.Equal(t, "request-1", completed.GetRequestId())

	explained, err := p.code.Explain(ctx, &idev1.ExplainRequest{Code: "n + 1"})
	require.NoError(t, err)
	require.Equal(t, "It adds one.", explained.GetExplanation())

	stream, err := p.code.StreamExplain(ctx, &idev1.ExplainRequest{Code: "n + 1"})
	require.NoError(t, err)
	first, err := stream.Recv()
	require.NoError(t, err)
	require.Equal(t, "It adds ", first.GetText())
	for err == nil {
		_, err = stream.Recv()
	}
	require.ErrorIs(t, err, io.EOF)

	debugged, err := p.code.Debug(ctx, &idev1.DebugRequest{Error: "boom", Code: "x"})
	require.NoError(t, err)
	require.Equal(t, "f", debugged.GetSuggestion().GetFixedCode())
	require.InDelta(t, 0.9, debugged.GetSuggestion().GetConfidence(), 1e-9)

	refactored, err := p.code.Refactor(ctx, &idev1.RefactorRequest{Code: "x = 1\n", Instruction: "two"})
	require.NoError(t, err)
	require.Equal(t, "x = 2\n", refactored.GetCode())

	require.Len(t, *p.ai.calls, 5)
	for _, c := range *p.ai.calls {
		require.Len(t, c.identity, 1, "the caller's identity goes along")
	}
	require.NotEmpty(t, (*p.ai.calls)[3].request.GetResponseSchema(), "debug asks for structured output")
}

func TestCursorsThatAreNone(t *testing.T) {
	p := newPlatform(t)
	ctx, _ := p.user(t)
	object := func(fields map[string]any) *structpb.Value {
		v, err := structpb.NewValue(fields)
		require.NoError(t, err)
		return v
	}
	for name, cursor := range map[string]*structpb.Value{
		"missing": nil, "null": structpb.NewNullValue(), "text": structpb.NewStringValue("3"), "negative": structpb.NewNumberValue(-1),
		"fraction": structpb.NewNumberValue(0.5), "beyond the end": structpb.NewNumberValue(4), "inside a pair": structpb.NewNumberValue(2),
		"huge": structpb.NewNumberValue(1e300), "half an object": object(map[string]any{"line": 0}),
		"line beyond": object(map[string]any{"line": 1, "character": 0}), "character beyond": object(map[string]any{"line": 0, "character": 4}),
	} {
		_, err := p.code.Complete(ctx, &idev1.CompleteRequest{Code: "a😀", Cursor: cursor})
		require.Contains(t, requireReason(t, err, "INVALID_ARGUMENT").Fields, "cursor", name)
	}
	require.Empty(t, *p.ai.calls)
}
