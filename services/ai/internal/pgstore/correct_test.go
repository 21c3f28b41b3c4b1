package pgstore_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/idempotency"
	"atrium.internal/services/ai/internal/dbtest"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// settled is a call that cost 6600 micro-dollars and 3500 tokens.
func settled(t *testing.T, book *ledger.Book, user uuid.UUID) ledger.Reservation {
	t.Helper()
	r, err := book.Reserve(t.Context(), hold(user, -1))
	require.NoError(t, err)
	_, err = book.Settle(t.Context(), r, ledger.Outcome{
		Tokens: tariff.Tokens{Input: 1000, Output: 100, CacheRead: 2000, CacheWrite: 400}, CountedBy: ledger.ByProvider,
	})
	require.NoError(t, err)
	return r
}

// rowText is a row of the ledger as text.
func rowText(t *testing.T, db *dbtest.DB, id uuid.UUID) (text string) {
	t.Helper()
	require.NoError(t, db.Admin.QueryRow(t.Context(), `SELECT u::text FROM ai.ai_usage u WHERE id = $1`, id).Scan(&text))
	return text
}

func TestABrokenCallIsGivenBackOnce(t *testing.T) {
	t.Parallel()
	db, book, _ := newBook(t)
	ada, admin := db.User(t), db.User(t)
	r, other := settled(t, book, ada), settled(t, book, ada)
	before := rowText(t, db, r.ID)
	var made, refused atomic.Int64
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			_, err := book.Correct(t.Context(), ledger.Correction{UserID: ada, Request: r.RequestID, Reason: "cut in the middle", By: admin})
			switch {
			case err == nil:
				made.Add(1)
			case apperr.From(err).Reason == "NOTHING_CHARGED":
				refused.Add(1)
			}
		})
	}
	wait.Wait()
	require.Equal(t, int64(1), made.Load(), "however many ask at once")
	require.Equal(t, int64(19), refused.Load())
	require.Equal(t, before, rowText(t, db, r.ID), "what was corrected stays as it was")

	month, err := book.Month(t.Context(), ada, -1, ledger.NoBudget)
	require.NoError(t, err)
	require.Equal(t, ledger.Sum{Tokens: 3500, CostMicroUSD: 6600}, month.Sum, "the other call's alone")
	groups, err := book.Groups(t.Context(), ada, ledger.LastMonth, ledger.ByModel)
	require.NoError(t, err)
	require.Equal(t, []ledger.Group{{Key: "m", Requests: 2, Input: 3400, Output: 100, CostMicroUSD: 6600}}, groups)
	used, _, _, err := book.Whole(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(6600), used)
	h := hold(ada, 3600)
	_, err = book.Reserve(t.Context(), h)
	require.NoError(t, err, "what was given back can be used")

	entries, _, err := book.Entries(t.Context(), ledger.EntryFilter{Request: r.RequestID}, ledger.EntryCursor{}, 10)
	require.NoError(t, err)
	require.Len(t, entries, 2, "the call and its correction")
	require.Equal(t, "correction", entries[0].Source)
	require.Equal(t, "cut in the middle", entries[0].Why)
	require.Equal(t, admin, entries[0].By)
	require.Equal(t, r.RequestID, entries[0].Corrects)
	require.Equal(t, int64(-6600), entries[0].CostMicroUSD)
	require.Equal(t, "ada", entries[0].Username)
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM audit.audit_log WHERE event_type = 'admin.usage.correct' AND user_id = $1
		AND resource_id = $2 AND metadata->>'reason' = 'cut in the middle' AND (metadata->>'costMicroUsd')::int = -6600`, admin, ada.String()))
	require.NotEqual(t, r.RequestID, other.RequestID)
}

func TestACorrectionByHandCountsLikeACall(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	ada, admin := db.User(t), db.User(t)
	r := settled(t, book, ada)
	by := func(c ledger.Correction) error {
		c.By, c.Reason = admin, "goodwill"
		if c.UserID == uuid.Nil {
			c.UserID = ada
		}
		_, err := book.Correct(t.Context(), c)
		return err
	}
	require.NoError(t, by(ledger.Correction{Tokens: tariff.Tokens{Input: 500, Output: -20}, CostMicroUSD: 1_000}))
	month, err := book.Month(t.Context(), ada, -1, ledger.NoBudget)
	require.NoError(t, err)
	require.Equal(t, ledger.Sum{Tokens: 3980, CostMicroUSD: 7600}, month.Sum)
	require.NoError(t, by(ledger.Correction{Request: r.RequestID, CostMicroUSD: -600}))
	for reason, c := range map[string]ledger.Correction{
		"CORRECTION_TOO_LARGE": {Request: r.RequestID, CostMicroUSD: -6001},
		"REQUEST_NOT_FOUND":    {Request: uuid.New()},
		"USER_NOT_FOUND":       {UserID: uuid.New(), CostMicroUSD: 5},
		"INVALID_ARGUMENT":     {},
	} {
		require.Equal(t, reason, apperr.From(by(c)).Reason)
	}
	require.Equal(t, "REQUEST_NOT_FOUND", apperr.From(by(ledger.Correction{UserID: db.User(t), Request: r.RequestID})).Reason, "somebody else's")
	running, err := book.Reserve(t.Context(), hold(ada, -1))
	require.NoError(t, err)
	require.Equal(t, "REQUEST_RUNNING", apperr.From(by(ledger.Correction{Request: running.RequestID})).Reason)
	_, err = book.Correct(t.Context(), ledger.Correction{UserID: ada, CostMicroUSD: 1, Reason: " \n", By: admin})
	require.Equal(t, "INVALID_ARGUMENT", apperr.From(err).Reason, "a correction has a reason")

	clock.set(mayday.AddDate(0, 1, 0))
	require.NoError(t, by(ledger.Correction{Request: r.RequestID}))
	month, err = book.Month(t.Context(), ada, -1, ledger.NoBudget)
	require.NoError(t, err)
	require.Equal(t, ledger.Sum{Tokens: -3500, CostMicroUSD: -6000}, month.Sum, "it counts in the month in which it is made")
}

func TestARepeatedCorrectionIsTheFirst(t *testing.T) {
	t.Parallel()
	db, book, _ := newBook(t)
	ada, admin := db.User(t), db.User(t)
	ask := func(hash byte) (ledger.Entry, error) {
		ctx := idempotency.With(t.Context(), idempotency.Key{Value: "once", RequestHash: []byte{hash}})
		return book.Correct(ctx, ledger.Correction{UserID: ada, CostMicroUSD: -5, Reason: "goodwill", By: admin})
	}
	first, err := ask(1)
	require.NoError(t, err)
	again, err := ask(1)
	require.NoError(t, err)
	require.Equal(t, first, again)
	_, err = ask(2)
	require.ErrorIs(t, err, idempotency.ErrReused)
	require.Equal(t, int64(1), db.Count(t, `SELECT count(*) FROM ai.ai_usage`))
}

func TestAdministratorsSeeWhatIsEnforced(t *testing.T) {
	t.Parallel()
	db, book, clock := newBook(t)
	book = book.Within(1_000_000)
	users := []uuid.UUID{db.User(t), db.User(t), db.User(t)}
	for i, user := range users {
		for range i + 1 {
			settled(t, book, user)
		}
	}
	open := hold(users[0], 10_000)
	open.Budget = 50_000
	_, err := book.Reserve(t.Context(), open)
	require.NoError(t, err)

	all := func(by ledger.GroupBy, f ledger.SumFilter, size int) (keys []string, groups map[string]ledger.Usage) {
		groups = map[string]ledger.Usage{}
		f.From = mayday.AddDate(0, 0, -1)
		for after := (*ledger.SumCursor)(nil); ; {
			page, next, err := book.Overview(context.WithoutCancel(t.Context()), f, by, after, size)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page), size)
			for _, g := range page {
				keys, groups[g.Key] = append(keys, g.Key), g
			}
			if after = next; after == nil {
				return keys, groups
			}
		}
	}
	keys, groups := all(ledger.ByUser, ledger.SumFilter{}, 2)
	require.Equal(t, []string{users[2].String(), users[1].String(), users[0].String()}, keys, "the dearest first, each once")
	require.Equal(t, int64(3), groups[keys[0]].Requests)
	require.Equal(t, int64(3*6600), groups[keys[0]].CostMicroUSD)
	first := groups[users[0].String()]
	require.Equal(t, "ada", first.Username)
	require.Equal(t, &ledger.Allowance{Plan: "free", Used: ledger.Sum{Tokens: 3600, CostMicroUSD: 6600 + oneCall}, TokensLimit: 10_000, BudgetMicros: 50_000}, first.Allowance)
	month, err := book.Month(t.Context(), users[0], 10_000, 50_000)
	require.NoError(t, err)
	require.Equal(t, month.Sum, first.Allowance.Used, "the user's own page says the same")

	clock.set(mayday.Add(24 * time.Hour))
	settled(t, book, users[1])
	keys, groups = all(ledger.ByDay, ledger.SumFilter{}, 1)
	require.Equal(t, []string{"2026-05-02", "2026-05-01"}, keys)
	require.Equal(t, int64(6), groups["2026-05-01"].Requests)
	_, groups = all(ledger.ByModel, ledger.SumFilter{User: users[1]}, 5)
	require.Equal(t, int64(3), groups["m"].Requests)
	keys, _ = all(ledger.ByModel, ledger.SumFilter{Model: "other"}, 5)
	require.Empty(t, keys)
	total, err := book.Total(t.Context(), ledger.SumFilter{From: mayday, To: mayday.Add(time.Hour)})
	require.NoError(t, err)
	require.Equal(t, ledger.Group{Requests: 6, Input: 6 * 3400, Output: 600, CostMicroUSD: 6 * 6600}, total)
	used, budget, resets, err := book.Whole(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(7*6600+oneCall), used)
	require.Equal(t, int64(1_000_000), budget)
	require.Equal(t, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), resets)

	seen := map[uuid.UUID]bool{}
	for after := (ledger.EntryCursor{}); ; {
		page, next, err := book.Entries(t.Context(), ledger.EntryFilter{}, after, 3)
		require.NoError(t, err)
		for _, e := range page {
			require.False(t, seen[e.ID])
			seen[e.ID] = true
		}
		if next == nil {
			break
		}
		after = *next
	}
	require.Len(t, seen, 8)
}
