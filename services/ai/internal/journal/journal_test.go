package journal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ai/internal/journal"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

func TestASettlementComesBackAsItWas(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "one")
	j, err := journal.Open(dir)
	require.NoError(t, err)
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	s := ledger.Settlement{
		Reservation: ledger.Reservation{
			Hold: ledger.Hold{UserID: uuid.New(), RequestID: uuid.New(), By: ledger.By{Provider: "p"}, Model: "m", Source: "chat"},
			ID:   uuid.New(), Attempt: 2, CreatedAt: at.Add(-time.Minute),
		},
		Outcome:      ledger.Outcome{Tokens: tariff.Tokens{Input: 1, Output: 2, CacheRead: 3, CacheWrite: 4}, CountedBy: ledger.ByProvider, Failure: "CANCELED"},
		CostMicroUSD: 5, At: at,
	}
	require.NoError(t, j.Put(s))
	require.NoError(t, j.Put(s), "twice is once")
	again, err := journal.Open(dir)
	require.NoError(t, err)
	kept, err := again.Kept(at.Add(time.Second))
	require.NoError(t, err)
	require.Equal(t, []ledger.Settlement{s}, kept)
	kept, err = again.Kept(at)
	require.NoError(t, err)
	require.Empty(t, kept, "what is being settled right now is nobody else's")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "torn.json"), []byte(`{"id":`), 0o600))
	kept, err = again.Kept(at.Add(time.Second))
	require.ErrorContains(t, err, "torn.json")
	require.Len(t, kept, 1, "one that can't be read keeps nobody else's")
	require.NoError(t, j.Drop(s.ID))
	require.NoError(t, j.Drop(s.ID))
	require.NoError(t, os.Remove(filepath.Join(dir, "torn.json")))
	kept, err = again.Kept(at.Add(time.Second))
	require.NoError(t, err)
	require.Empty(t, kept)
}

func TestAFolderThatCanNotBeIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := journal.Open(filepath.Join(file, "journal"))
	require.ErrorContains(t, err, "journal")
}
