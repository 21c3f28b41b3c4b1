package ai_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/testkit/fakeai"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/services/ai"
	"atrium.internal/services/ai/internal/dbtest"
)

func TestOfTwoHundredAtOnceExactlyOneFitsTheQuota(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	h.far.Answer(func(fakeai.Question) fakeai.Script {
		return fakeai.Script{Text: "x", Counts: &fakeai.Counts{Input: 10, Output: 990}}
	})
	const limit = 1100 // the answer's bound of 1000 and the prompt
	var answered, refused atomic.Int64
	var wait sync.WaitGroup
	for range 200 {
		wait.Go(func() {
			got := h.ask(h.as(limit), question(prompt))
			switch {
			case got.err == nil:
				answered.Add(1)
			case reason(got.err) == "QUOTA_EXCEEDED":
				refused.Add(1)
			}
		})
	}
	wait.Wait()
	require.Equal(t, int64(1), answered.Load())
	require.Equal(t, int64(199), refused.Load())
	require.Len(t, h.far.Calls(), 1)
	require.Equal(t, int64(1000), h.used())

	got := h.ask(h.as(limit), question(prompt))
	e := apperr.From(got.err)
	require.Equal(t, apperr.QuotaExceeded, e.Kind)
	require.Equal(t, "1100", e.Metadata["limit"])
	require.Equal(t, "1000", e.Metadata["used"])
	resets, err := time.Parse(time.RFC3339, e.Metadata["resetsAt"])
	require.NoError(t, err)
	shown, err := h.client.GetTokenUsage(h.as(limit), &aiv1.GetTokenUsageRequest{})
	require.NoError(t, err)
	require.True(t, shown.GetResetsAt().AsTime().Equal(resets), "what is shown is what is enforced")
	require.Equal(t, int64(limit), shown.GetLimit())
	listed, err := h.client.ListUsage(h.as(limit), &aiv1.ListUsageRequest{})
	require.NoError(t, err)
	require.Equal(t, shown.GetUsed(), listed.GetPlanTokens().GetUsed())
	require.Equal(t, shown.GetLimit(), listed.GetPlanTokens().GetLimit())
	require.True(t, listed.GetPlanTokens().GetResetsAt().AsTime().Equal(resets))
}

func TestARequestIdIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	req := question(prompt)
	req.RequestId = uuid.NewString()
	got := h.ask(h.as(unlimited), req)
	require.NoError(t, got.err)
	require.Equal(t, req.GetRequestId(), got.started.GetRequestId())
	require.Equal(t, "REQUEST_ID_REUSED", reason(h.ask(h.as(unlimited), req).err))
	require.Len(t, h.far.Calls(), 1)
}

func TestBadRequestsAreRefusedBeforeAnyCost(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	for name, change := range map[string]func(*aiv1.GenerateRequest){
		"MODEL_UNKNOWN": func(r *aiv1.GenerateRequest) { r.Model = "gpt-unknown" },
		"source":        func(r *aiv1.GenerateRequest) { r.Source = "mining" },
		"last message": func(r *aiv1.GenerateRequest) {
			r.Messages = append(r.Messages, &aiv1.ChatMessage{Role: "assistant", Content: "well"})
		},
		"blank message":  func(r *aiv1.GenerateRequest) { r.Messages[0].Content = " \n" },
		"no message":     func(r *aiv1.GenerateRequest) { r.Messages = nil },
		"role":           func(r *aiv1.GenerateRequest) { r.Messages[0].Role = "system" },
		"schema":         func(r *aiv1.GenerateRequest) { r.ResponseSchema = `{"type":"array"}` },
		"schema is text": func(r *aiv1.GenerateRequest) { r.ResponseSchema = `object` },
		"negative bound": func(r *aiv1.GenerateRequest) { r.MaxTokens = -5 },
		"huge bound":     func(r *aiv1.GenerateRequest) { r.MaxTokens = 1 << 30 },
		"request id":     func(r *aiv1.GenerateRequest) { r.RequestId = "7" },
	} {
		req := question(prompt)
		change(req)
		require.Equal(t, apperr.InvalidArgument, apperr.From(h.ask(h.as(unlimited), req).err).Kind, name)
	}
	require.Empty(t, h.far.Calls())
	require.Zero(t, h.db.Count(t, `SELECT count(*) FROM ai.ai_usage`))
	require.Equal(t, apperr.Unauthenticated, apperr.From(h.ask(t.Context(), question(prompt)).err).Kind)
}

func TestAStartClosesWhatAKilledProcessLeft(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	user := db.User(t)
	_, err := db.Admin.Exec(t.Context(), `INSERT INTO ai.ai_usage (id, user_id, request_id, attempt, provider, model, source, status,
		estimated_input_tokens, estimated_output_tokens, output_tokens, instance, created_at, touched_at)
		VALUES (gen_random_uuid(), $1, gen_random_uuid(), 1, 'anthropic', $2, 'chat', 'reserved', 100, 4000, 20, 'test', now(), now())`,
		user, claude)
	require.NoError(t, err)
	h := openHouse(t, settings(), nil, db)
	h.user = user
	require.Equal(t, int64(120), h.used())
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE error = 'ABANDONED'`))
	groups, err := h.client.ListUsage(h.as(unlimited), &aiv1.ListUsageRequest{})
	require.NoError(t, err)
	require.Len(t, groups.GetGroups(), 1)
	require.InDelta(t, 0.0006, groups.GetCostUsd(), 1e-9) // 100×3 + 20×15, of a model no longer offered
}

func TestStopLetsAnswersEndThenEndsThem(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	h.far.Push(fakeai.Script{Text: "one two three four", Delay: 50 * time.Millisecond})
	stream, err := h.client.Generate(h.as(unlimited), question(prompt))
	require.NoError(t, err)
	_, err = stream.Recv()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- h.service.Stop(ctx) }()
	got := read(stream)
	require.NoError(t, got.err)
	require.Equal(t, "one two three four", got.text)
	require.NoError(t, <-stopped)
	require.Equal(t, "SHUTTING_DOWN", reason(h.ask(h.as(unlimited), question(prompt)).err))
	require.Equal(t, int64(1), h.rows("settled"))

	h = anthropicHouse(t, func(c *ai.Config) { c.Instance = "other" })
	h.far.Push(fakeai.Script{Text: "one two", End: fakeai.Hang, After: 1})
	stream, err = h.client.Generate(h.as(unlimited), question(prompt))
	require.NoError(t, err)
	for range 2 {
		_, err = stream.Recv()
		require.NoError(t, err)
	}
	short, cancelShort := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancelShort()
	require.NoError(t, h.service.Stop(short))
	got = read(stream)
	require.Equal(t, "SHUTTING_DOWN", reason(got.err))
	require.NotNil(t, got.usage)
	require.Equal(t, int64(1), h.rows("settled"))
}
