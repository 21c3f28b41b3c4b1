package pgstore

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

func TestAnswersSettledTogetherAreWhatTheyWouldBeAlone(t *testing.T) {
	store, user, convs := talking(t, 5)
	key, err := store.keys.Of(t.Context(), user)
	require.NoError(t, err)
	outcomes := []turn.Outcome{
		{Status: conversation.Complete, Content: "the tide", Model: "m", Usage: &conversation.Usage{InputTokens: 3, OutputTokens: 4, CostMicroUSD: 5}},
		{Status: conversation.Complete, Content: "another's"},
		{Status: conversation.Failed, Content: "half", Omitted: 2, Failure: &conversation.Failure{Kind: apperr.Unavailable, Reason: "AWAY", Message: "It is away."}},
		{Status: conversation.Stopped},
		{Status: conversation.Complete, Content: "of no words"},
	}
	all, pairs := make([]settling, len(outcomes)), make([]turn.Pair, len(outcomes))
	for i, o := range outcomes {
		pairs[i], _, err = store.Ask(t.Context(), user, turn.Question{ConversationID: convs[i], Content: "Which way?", Model: "asked"}, testLease)
		require.NoError(t, err)
		run, a := testLease.Run, pairs[i].Answer()
		if i == 1 {
			run = uuid.New()
		}
		row, err := settled(key, a, run, o)
		require.NoError(t, err)
		if i == 4 {
			row[len(row)-1] = "{no number}" // which the database refuses
		}
		all[i] = settling{a.ID, row}
	}
	done, errs := store.settleAll(t.Context(), all)
	require.Equal(t, []bool{true, false, true, true, false}, done)
	for i := range 4 {
		require.NoError(t, errs[i])
	}
	require.Error(t, errs[4])

	for i, want := range []turn.Outcome{outcomes[0], {Status: conversation.Streaming}, outcomes[2], outcomes[3], {Status: conversation.Streaming}} {
		p, err := store.Pair(t.Context(), user, pairs[i].Assistant.ID)
		require.NoError(t, err)
		got := p.Assistant
		require.Equal(t, want.Status, got.Status, i)
		require.Equal(t, want.Content, got.Content)
		require.Equal(t, want.Usage, got.Usage)
		require.Equal(t, want.Failure == nil, got.Failure == nil)
		if i == 0 {
			require.Equal(t, "m", got.Model)
		} else {
			require.Equal(t, "asked", got.Model)
		}
		var entries int
		require.NoError(t, store.pool.QueryRow(t.Context(), `SELECT count(*) FROM chat.search_entries
			WHERE id = $1 AND message_id = $1 AND user_id = $2 AND conversation_id = $3 AND (cardinality(terms) > 0) = $4`,
			got.ID, user, convs[i], want.Content != "").Scan(&entries))
		require.Equal(t, want.Status != conversation.Streaming, entries == 1, "what is settled is in the index")
	}
	require.NoError(t, store.Settle(t.Context(), pairs[0].Answer(), testLease, outcomes[0]), "a repeated write")
	other := outcomes[0]
	other.Content = "another"
	require.ErrorIs(t, store.Settle(t.Context(), pairs[0].Answer(), testLease, other), turn.ErrLost)
	require.ErrorIs(t, store.Settle(t.Context(), pairs[1].Answer(), turn.Lease{Run: uuid.New()}, outcomes[1]), turn.ErrLost)
}
