package pgstore

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ai/internal/ledger"
)

// endLeases ends the process's older leases of a user, and those of others that
// are over.
const endLeases = `DELETE FROM ai.leases WHERE user_id = $1 AND (instance = $2 AND id < $3 OR ends_at < now())`

// bound is one of the limits that a call is held to.
type bound struct {
	// used and leased sum up what it counts; need is what the call takes, taken and
	// wanted what the lease does.
	used, leased, need, limit, taken, wanted string
}

// reserve sums the month and enters the row if there is room, in one statement.
// What nothing is held to is not in the statement: Postgres would plan it anew
// each time, because it could hope to leave the sum out. The lease is made with
// what was taken before, and with an eighth of what is left beside it, if that is
// enough for another such call.
func reserve(r ledger.Request, budget int64) string {
	sum := func(of, from, whose string) string {
		return `(SELECT coalesce(sum(` + of + `), 0)::bigint FROM ` + from + ` WHERE ` + whose + `)`
	}
	const mine, month, alive = `user_id = $2 AND `, `created_at >= $14`, `month = $14 AND ends_at > now()`
	tokens, cost, total := bound{need: `($8::bigint + $9::bigint)`, limit: `$13::bigint`, taken: `$18::bigint`, wanted: `$20::bigint`},
		bound{need: `$12::bigint`, limit: `$15::bigint`, taken: `$19::bigint`, wanted: `$21::bigint`},
		bound{need: `$12::bigint`, limit: `$16::bigint`, taken: `$19::bigint`, wanted: `$21::bigint`}
	if r.Limit >= 0 {
		tokens.used, tokens.leased = sum(`charged_tokens`, `ai.ai_usage`, mine+month), sum(`tokens`, `ai.leases`, mine+alive)
	}
	if r.Budget >= 0 {
		cost.used, cost.leased = sum(heldCost, `ai.ai_usage`, mine+month), sum(`cost_micro_usd`, `ai.leases`, mine+alive)
	}
	if budget >= 0 {
		total.used, total.leased = sum(heldCost, `ai.ai_usage`, month), sum(`cost_micro_usd`, `ai.leases`, alive)
	}
	var sums, room []string
	ahead := map[string][]string{`tokens`: nil, `cost`: nil}
	for name, b := range map[string]bound{`tokens`: tokens, `cost`: cost, `total`: total} {
		if b.used == "" {
			sums = append(sums, `0::bigint AS `+name+`, 0::bigint AS `+name+`_leased`)
			continue
		}
		sums = append(sums, b.used+` AS `+name, b.leased+` AS `+name+`_leased`)
		left := b.limit + ` - month.` + name + ` - month.` + name + `_leased - ` + b.taken + ` - ` + b.need
		room = append(room, left+` >= 0`)
		kind := strings.Replace(name, `total`, `cost`, 1)
		ahead[kind] = append(ahead[kind], `(SELECT CASE WHEN share >= `+b.need+` THEN least(share, `+b.wanted+`) ELSE 0 END FROM (SELECT (`+left+`) / 8 AS share) s)`)
	}
	least := func(of []string) string {
		if len(of) == 0 {
			return `0::bigint`
		}
		return `greatest(least(` + strings.Join(of, `, `) + `), 0)`
	}
	slices.Sort(sums) // for one text of one statement
	slices.Sort(room)
	slices.Sort(ahead[`cost`])
	return `WITH month AS (SELECT ` + strings.Join(sums, `, `) + `, $13::bigint, $14::timestamptz, $15::bigint, $16::bigint, $17::uuid,
			$18::bigint, $19::bigint, $20::bigint, $21::bigint, $22::float8),
	entered AS (` + insertEntry + `
		SELECT $1, $2, $3, $4, $5, $6, $7, 'reserved', $8, $9, $10, $11, $11, $12 FROM month WHERE ` + strings.Join(append(room, `true`), ` AND `) + `
		RETURNING id),
	ahead AS (SELECT ` + least(ahead[`tokens`]) + ` AS tokens, ` + least(ahead[`cost`]) + ` AS cost FROM month WHERE EXISTS (SELECT FROM entered)),
	lease AS (INSERT INTO ai.leases (id, user_id, instance, month, tokens, cost_micro_usd, ends_at)
		SELECT $17, $2, $10, $14, $18 + tokens, $19 + cost, now() + $22::float8 * interval '1 second'
		FROM (SELECT coalesce((SELECT tokens FROM ahead), 0) AS tokens, coalesce((SELECT cost FROM ahead), 0) AS cost) a
		WHERE $17::uuid IS NOT NULL AND $18 + $19 + tokens + cost > 0)
	SELECT month.tokens, month.cost, month.total, EXISTS (SELECT FROM entered), tokens_leased + cost_leased + total_leased > 0,
		coalesce((SELECT tokens FROM ahead), 0), coalesce((SELECT cost FROM ahead), 0), ` + lazily + ` FROM month`
}

// Reserve enters what there is room for; see ledger.Store. All go in one
// transaction, and one by one when one of them spoils it.
func (s *Store) Reserve(ctx context.Context, all []ledger.Request, budget int64) ([]ledger.Room, []error) {
	rooms, errs := make([]ledger.Room, len(all)), make([]error, len(all))
	err := s.reserve(ctx, all, budget, rooms)
	if err != nil && len(all) > 1 && apperr.From(err).Kind != apperr.Unavailable {
		for i := range all {
			rooms[i] = ledger.Room{}
			errs[i] = s.reserve(ctx, all[i:i+1], budget, rooms[i:i+1])
		}
		return rooms, errs
	}
	for i := range all {
		errs[i] = err
	}
	return rooms, errs
}

// reserve sends its statements at once. Each sum sees what was committed before
// the locks were granted, and the entries before it.
func (s *Store) reserve(ctx context.Context, all []ledger.Request, budget int64, rooms []ledger.Room) error {
	users := map[uuid.UUID]ledger.Request{} // each as of the newest call
	for _, r := range all {
		users[r.UserID] = r
	}
	batch := &pgx.Batch{}
	// In one order, so that processes that lock several don't wait for each other.
	for _, id := range slices.SortedFunc(maps.Keys(users), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }) {
		r := users[id]
		batch.Queue(lockUser, r.UserID, r.Username, r.Plan, r.Limit, r.Budget)
	}
	if budget >= 0 {
		batch.Queue(lockDeployment)
	}
	for i, r := range all {
		var lease *uuid.UUID
		if r.Lease != uuid.Nil {
			lease = &r.Lease
			batch.Queue(endLeases, r.UserID, s.instance, r.Lease)
		}
		args := append(s.row(r.Reservation), r.Limit, ledger.MonthOf(r.CreatedAt), r.Budget, budget,
			lease, r.Taken.Tokens, r.Taken.Cost, r.Ahead.Tokens, r.Ahead.Cost, ledger.LeaseEnds.Seconds())
		batch.Queue(reserve(r, budget), args...).QueryRow(func(row pgx.Row) error {
			room := &rooms[i]
			return row.Scan(&room.Tokens, &room.Cost, &room.Total, &room.Fits, &room.Leased, &room.Ahead.Tokens, &room.Ahead.Cost, nil)
		})
	}
	return entryError("reserve", s.pool.SendBatch(ctx, batch).Close())
}

// open enters rows that may be there. The accounts are locked as the foreign
// keys do it; rows of accounts that are gone spoil all.
const open = insertEntry + `
	SELECT id, user_id, request_id, attempt, provider, model, source, 'reserved', input, output, instance, created_at, created_at, cost
	FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::smallint[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
		$10::text[], $11::timestamptz[], $12::bigint[])
	AS e (id, user_id, request_id, attempt, provider, model, source, input, output, instance, created_at, cost)
	ON CONFLICT (id) DO NOTHING RETURNING ` + lazily

// Open enters reservations; see ledger.Store. All go in one statement, and one
// by one when one of them spoils it.
func (s *Store) Open(ctx context.Context, all []ledger.Reservation) []error {
	rows, errs := make([][]any, len(all)), make([]error, len(all))
	for i, r := range all {
		rows[i] = s.row(r)
	}
	_, err := s.pool.Exec(ctx, open, pgdb.Columns(rows)...)
	err = entryError("open entries", err)
	if err != nil && len(all) > 1 && apperr.From(err).Kind != apperr.Unavailable {
		for i := range all {
			errs[i] = s.Open(ctx, all[i:i+1])[0]
		}
		return errs
	}
	for i := range all {
		errs[i] = err
	}
	return errs
}

// GiveBack ends leases; see ledger.Store.
func (s *Store) GiveBack(ctx context.Context, leases []uuid.UUID) error {
	_, err := s.pool.Exec(ctx, `DELETE FROM ai.leases WHERE instance = $1 AND ($2::uuid[] IS NULL OR id = ANY ($2))`, s.instance, leases)
	return pgdb.Fault("give back leases", err)
}
