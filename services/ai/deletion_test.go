package ai_test

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
)

func TestAnAnswerOfADeletedUserEndsWithoutAFault(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	h.far.Push(fakeai.Script{Text: strings.Repeat("word ", 40), Delay: 25 * time.Millisecond})
	stream, err := h.client.Generate(h.as(unlimited), question(prompt))
	require.NoError(t, err)
	_, err = stream.Recv()
	require.NoError(t, err)
	require.Equal(t, int64(1), h.rows("reserved"))
	_, err = h.db.Admin.Exec(t.Context(), `DELETE FROM auth.users WHERE id = $1`, h.user)
	require.NoError(t, err)
	a := read(stream)
	require.NoError(t, a.err)
	require.NotEmpty(t, a.text)
	require.Zero(t, h.db.Count(t, `SELECT count(*) FROM ai.ai_usage`))
	require.NotContains(t, h.log.String(), `"level":"ERROR"`)
	require.NotContains(t, h.log.String(), `"level":"WARN"`)
}

func TestAnExportHasTheCallersOwnLedger(t *testing.T) {
	t.Parallel()
	h := anthropicHouse(t)
	for range 3 {
		h.ask(h.as(unlimited), question(prompt))
	}
	_, err := h.db.Admin.Exec(t.Context(), `INSERT INTO ai.ai_usage (id, user_id, request_id, attempt, provider, model, source, status,
			estimated_input_tokens, estimated_output_tokens, instance, created_at, touched_at)
		SELECT gen_random_uuid(), $1, gen_random_uuid(), 1, 'p', 'm', 'chat', 'released', 1, 1, '', now(), now() FROM generate_series(1, 1200)`, h.user)
	require.NoError(t, err)
	_, err = h.db.Admin.Exec(t.Context(), `INSERT INTO ai.ai_usage (id, user_id, request_id, attempt, provider, model, source, status,
			estimated_input_tokens, estimated_output_tokens, instance, created_at, touched_at)
		VALUES (gen_random_uuid(), $1, gen_random_uuid(), 1, 'p', 'somebody-elses', 'chat', 'released', 1, 1, '', now(), now())`, h.db.User(t))
	require.NoError(t, err)

	stream, err := h.client.ExportAccount(h.as(unlimited), &aiv1.ExportAccountRequest{})
	require.NoError(t, err)
	var text strings.Builder
	for {
		chunk, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.LessOrEqual(t, len(chunk.GetData()), 64<<10)
		text.Write(chunk.GetData())
	}
	rows, err := csv.NewReader(strings.NewReader(text.String())).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1+3+1200, "each entry once, over several pages")
	require.NotContains(t, text.String(), "somebody-elses")
	requests := map[string]bool{}
	for _, row := range rows[1:] {
		requests[row[1]] = true
	}
	require.Len(t, requests, 1203)
	require.Equal(t, "settled", rows[1][6])
	require.NotEqual(t, "0", rows[1][8])
}
