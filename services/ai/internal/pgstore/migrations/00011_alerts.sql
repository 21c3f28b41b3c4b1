-- +goose Up
-- Who calls, as of the last call: the ledger's rows have ids only, and alerts
-- need what the plan allows. -1 is unlimited.
CREATE TABLE ai.callers (
  user_id UUID PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  username TEXT NOT NULL,
  plan TEXT NOT NULL,
  tokens_limit BIGINT NOT NULL,
  budget_micro_usd BIGINT NOT NULL
);

-- Alerts tell of tokens too.
ALTER TABLE ai.budget_alerts RENAME TO alerts;
ALTER TABLE ai.alerts RENAME COLUMN spent_micro_usd TO used;
ALTER TABLE ai.alerts RENAME COLUMN budget_micro_usd TO allowed;
ALTER TABLE ai.alerts
  ADD COLUMN id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  ADD COLUMN kind TEXT NOT NULL DEFAULT 'budget' CHECK (kind IN ('tokens', 'budget')),
  DROP CONSTRAINT budget_alerts_once,
  ADD CONSTRAINT alerts_once UNIQUE NULLS NOT DISTINCT (month, user_id, kind, percent);

-- The outbox: an alert's words to the outside, kept in its transaction and until
-- they have arrived.
CREATE TABLE ai.alert_deliveries (
  alert_id UUID NOT NULL REFERENCES ai.alerts (id) ON DELETE CASCADE,
  channel TEXT NOT NULL CHECK (channel IN ('webhook', 'mail')),
  -- off: there is nothing to send with.
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed', 'off')),
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at TIMESTAMPTZ NOT NULL,
  -- Why the last attempt failed, in a word.
  reason TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (alert_id, channel)
);
CREATE INDEX alert_deliveries_due_idx ON ai.alert_deliveries (due_at) WHERE status = 'pending';
