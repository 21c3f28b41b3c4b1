package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ai/internal/alert"
)

// Alerts keeps alerts and their outbox.
type Alerts struct{ pool *pgxpool.Pool }

// NewAlerts makes a store over the service's pool.
func NewAlerts(pool *pgxpool.Pool) *Alerts { return &Alerts{pool: pool} }

const (
	insertAlert = `INSERT INTO ai.alerts (month, user_id, kind, percent, used, allowed, raised_at)`
	// onceAlert lets each in once, also when several processes look at the same
	// moment.
	onceAlert = ` ON CONFLICT ON CONSTRAINT alerts_once DO NOTHING RETURNING id, user_id, kind, percent, used, allowed`
)

// raise enters the alerts that are due: of accounts against their plans, and of
// all together against the deployment's budget.
const raise = `WITH spent AS (
		SELECT user_id, sum(charged_tokens)::bigint AS tokens, sum(` + heldCost + `)::bigint AS cost
		FROM ai.ai_usage WHERE created_at >= $1 GROUP BY user_id),
	measured AS (
		SELECT user_id, 'tokens' AS kind, tokens AS used, tokens_limit AS allowed FROM spent JOIN ai.callers USING (user_id)
		UNION ALL
		SELECT user_id, 'budget', cost, budget_micro_usd FROM spent JOIN ai.callers USING (user_id)
		UNION ALL
		SELECT NULL, 'budget', sum(cost)::bigint, $2::bigint FROM spent)
	` + insertAlert + `
	SELECT $1::timestamptz AT TIME ZONE 'UTC', user_id, kind, percent, used, allowed, $4
	FROM measured, unnest($3::bigint[]) AS percent
	WHERE allowed > 0 AND used::numeric * 100 >= allowed::numeric * percent` + onceAlert

// Raise enters alerts that are due; see alert.Store.
func (s *Alerts) Raise(ctx context.Context, month time.Time, budget int64, thresholds []int64, at time.Time, channels []alert.Channel) ([]alert.Alert, error) {
	return s.enter(ctx, month, at, channels, raise, month, budget, thresholds, at)
}

// RaiseOne enters an alert; see alert.Store.
func (s *Alerts) RaiseOne(ctx context.Context, a alert.Alert, channels []alert.Channel) (bool, error) {
	raised, err := s.enter(ctx, a.Month, a.RaisedAt, channels,
		insertAlert+` VALUES ($1::timestamptz AT TIME ZONE 'UTC', $2, $3, $4, $5, $6, $7)`+onceAlert,
		a.Month, a.UserID, a.Kind, a.Percent, a.Used, a.Limit, a.RaisedAt)
	return len(raised) > 0, err
}

// enter runs a statement that makes alerts, and writes what goes with each.
func (s *Alerts) enter(ctx context.Context, month, at time.Time, channels []alert.Channel, sql string, args ...any) ([]alert.Alert, error) {
	var raised []alert.Alert
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		raised, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (alert.Alert, error) {
			a := alert.Alert{Month: month, RaisedAt: at}
			return a, row.Scan(&a.ID, &a.UserID, &a.Kind, &a.Percent, &a.Used, &a.Limit)
		})
		if err != nil {
			return err
		}
		for _, a := range raised {
			if err := audit.Insert(ctx, tx, alertEntry(a)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO ai.alert_deliveries (alert_id, channel, due_at)
				SELECT $1, channel, $3 FROM unnest($2::text[]) AS channel`, a.ID, channels, at); err != nil {
				return err
			}
		}
		return nil
	})
	return raised, pgdb.Fault("raise budget alerts", err)
}

func alertEntry(a alert.Alert) audit.Entry {
	entry := audit.Entry{
		EventType: "ai.budget.alert", ResourceType: "ai_budget", ResourceID: "deployment", Action: "alert", Status: audit.Success,
		Metadata: map[string]any{
			"month": a.Month.Format("2006-01"), "kind": a.Kind, "percent": a.Percent, "used": a.Used, "limit": a.Limit,
		},
	}
	if a.UserID != nil {
		entry.UserID, entry.ResourceID = *a.UserID, a.UserID.String()
	}
	return entry
}

// alertColumns are an alert's, in the order of scanAlert.
const alertColumns = `a.id, a.user_id, coalesce(c.username, ''), a.kind, a.month::timestamp AT TIME ZONE 'UTC', a.percent, a.used, a.allowed, a.raised_at`

func alertFields(a *alert.Alert) []any {
	return []any{&a.ID, &a.UserID, &a.Username, &a.Kind, &a.Month, &a.Percent, &a.Used, &a.Limit, &a.RaisedAt}
}

// Due takes a delivery; see alert.Store.
func (s *Alerts) Due(ctx context.Context, now time.Time, retry func(attempts int) time.Time) (alert.Delivery, error) {
	var d alert.Delivery
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `SELECT `+alertColumns+`, d.channel, d.status, d.attempts, d.reason
			FROM ai.alert_deliveries d JOIN ai.alerts a ON a.id = d.alert_id LEFT JOIN ai.callers c ON c.user_id = a.user_id
			WHERE d.status = 'pending' AND d.due_at <= $1 ORDER BY d.due_at LIMIT 1 FOR UPDATE OF d SKIP LOCKED`, now).
			Scan(append(alertFields(&d.Alert), &d.Channel, &d.Status, &d.Attempts, &d.Reason)...)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE ai.alert_deliveries SET attempts = attempts + 1, due_at = $3 WHERE alert_id = $1 AND channel = $2`,
			d.ID, d.Channel, retry(d.Attempts))
		d.Attempts++
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return d, alert.ErrNoneDue
	}
	d.Month, d.RaisedAt = d.Month.UTC(), d.RaisedAt.UTC()
	return d, pgdb.Fault("take from the outbox of alerts", err)
}

// Note enters how an attempt went; see alert.Store.
func (s *Alerts) Note(ctx context.Context, d alert.Delivery) error {
	_, err := s.pool.Exec(ctx, `UPDATE ai.alert_deliveries SET status = $3, reason = $4 WHERE alert_id = $1 AND channel = $2`,
		d.ID, d.Channel, d.Status, d.Reason)
	return pgdb.Fault("note delivery of an alert", err)
}

// List gives a month's alerts; see alert.Store.
func (s *Alerts) List(ctx context.Context, month time.Time) ([]alert.Listed, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+alertColumns+`, d.channel, d.status, d.attempts, d.reason
		FROM ai.alerts a LEFT JOIN ai.callers c ON c.user_id = a.user_id LEFT JOIN ai.alert_deliveries d ON d.alert_id = a.id
		WHERE a.month = $1::timestamptz AT TIME ZONE 'UTC' ORDER BY a.raised_at DESC, a.id, d.channel`, month)
	if err != nil {
		return nil, pgdb.Fault("list alerts", err)
	}
	defer rows.Close()
	var all []alert.Listed
	for rows.Next() {
		var a alert.Alert
		var channel, status, reason *string
		var attempts *int
		if err := rows.Scan(append(alertFields(&a), &channel, &status, &attempts, &reason)...); err != nil {
			return nil, pgdb.Fault("list alerts", err)
		}
		if len(all) == 0 || all[len(all)-1].ID != a.ID {
			all = append(all, alert.Listed{Alert: a})
		}
		if channel != nil {
			last := &all[len(all)-1]
			last.Deliveries = append(last.Deliveries, alert.Delivery{
				Channel: alert.Channel(*channel), Status: alert.Status(*status), Attempts: *attempts, Reason: *reason,
			})
		}
	}
	return all, pgdb.Fault("list alerts", rows.Err())
}

var _ alert.Store = (*Alerts)(nil)
