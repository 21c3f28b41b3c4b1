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
	other := s
	other.ID = uuid.New()
	require.NoError(t, j.Put(other))
	kept, _, err := j.Kept()
	require.NoError(t, err)
	require.Empty(t, kept, "what is being settled right now is nobody else's")

	again, err := journal.Open(dir)
	require.NoError(t, err)
	kept, _, err = again.Kept()
	require.NoError(t, err)
	require.Equal(t, []ledger.Settlement{s, other}, kept)
	kept, _, err = again.Kept()
	require.NoError(t, err)
	require.Empty(t, kept, "it is told once")
	require.NoError(t, again.Drop([]uuid.UUID{s.ID, s.ID, uuid.New()}))
	require.Len(t, files(t, dir), 1, "the other one is still needed")
	require.NoError(t, again.Drop([]uuid.UUID{other.ID}))
	require.Empty(t, files(t, dir))
}

func TestATornLineKeepsNobodyElses(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Open(dir)
	require.NoError(t, err)
	s := ledger.Settlement{Reservation: ledger.Reservation{ID: uuid.New(), Attempt: 1}}
	require.NoError(t, j.Put(s))
	path := files(t, dir)[0]
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString(`{"id":"`)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	require.NoError(t, os.WriteFile(filepath.Join(dir, "foreign.json"), []byte("no line"), 0o600))

	again, err := journal.Open(dir)
	require.NoError(t, err)
	kept, _, err := again.Kept()
	require.ErrorContains(t, err, "foreign.json")
	require.NotContains(t, err.Error(), path)
	require.Len(t, kept, 1)
	require.Equal(t, s.ID, kept[0].ID)
}

func TestWhatIsProvenLeavesNoFilesBehind(t *testing.T) {
	dir := t.TempDir()
	j, err := journal.Open(dir)
	require.NoError(t, err)
	var before []uuid.UUID
	for range 2000 {
		s := ledger.Settlement{Reservation: ledger.Reservation{ID: uuid.New(), Attempt: 1}}
		require.NoError(t, j.Put(s))
		if before = append(before, s.ID); len(before) == 100 { // there is always something that is needed
			require.NoError(t, j.Drop(before[:50]))
			before = before[50:]
		}
	}
	require.LessOrEqual(t, len(files(t, dir)), 2)
	require.NoError(t, j.Drop(before))
	require.Empty(t, files(t, dir))
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	return found
}

func TestAFolderThatCanNotBeIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := journal.Open(filepath.Join(file, "journal"))
	require.ErrorContains(t, err, "journal")
}
