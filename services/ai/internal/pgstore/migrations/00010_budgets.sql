-- +goose Up
-- What the attempt may cost at most, held from the budgets while it runs. Rows
-- of a version without budgets hold nothing.
ALTER TABLE ai.ai_usage ADD COLUMN estimated_cost_micro_usd BIGINT NOT NULL DEFAULT 0 CHECK (estimated_cost_micro_usd >= 0);

-- The month's sum of the whole deployment is read from the index alone.
CREATE INDEX ai_usage_month_idx ON ai.ai_usage (created_at) INCLUDE (status, cost_micro_usd, estimated_cost_micro_usd);

-- Alerts that were raised, once for each month, budget and threshold, however
-- many processes look. A user's go with the account.
CREATE TABLE ai.budget_alerts (
  month DATE NOT NULL,
  -- NULL is the whole deployment's budget.
  user_id UUID REFERENCES auth.users (id) ON DELETE CASCADE,
  percent SMALLINT NOT NULL CHECK (percent IN (50, 80, 100)),
  spent_micro_usd BIGINT NOT NULL,
  budget_micro_usd BIGINT NOT NULL,
  raised_at TIMESTAMPTZ NOT NULL,
  CONSTRAINT budget_alerts_once UNIQUE NULLS NOT DISTINCT (month, user_id, percent)
);
