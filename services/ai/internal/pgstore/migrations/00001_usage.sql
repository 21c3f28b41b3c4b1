-- +goose Up
CREATE TABLE ai.ai_usage (
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  request_id UUID NOT NULL,
  attempt SMALLINT NOT NULL CHECK (attempt > 0),
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  source TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('reserved', 'settled', 'released')),
  -- What the plan is charged with while the attempt runs.
  estimated_input_tokens BIGINT NOT NULL CHECK (estimated_input_tokens >= 0),
  estimated_output_tokens BIGINT NOT NULL CHECK (estimated_output_tokens >= 0),
  -- What was used. While the attempt runs, output_tokens is its progress.
  input_tokens BIGINT NOT NULL DEFAULT 0 CHECK (input_tokens >= 0),
  output_tokens BIGINT NOT NULL DEFAULT 0 CHECK (output_tokens >= 0),
  cache_read_tokens BIGINT NOT NULL DEFAULT 0 CHECK (cache_read_tokens >= 0),
  cache_write_tokens BIGINT NOT NULL DEFAULT 0 CHECK (cache_write_tokens >= 0),
  -- Integer micro-dollars, at the price of the day.
  cost_micro_usd BIGINT NOT NULL DEFAULT 0 CHECK (cost_micro_usd >= 0),
  counted_by TEXT NOT NULL DEFAULT '' CHECK (counted_by IN ('', 'provider', 'estimated')),
  -- Closed by the sweep: the attempt's own figures may still replace these.
  swept BOOLEAN NOT NULL DEFAULT FALSE,
  instance TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  touched_at TIMESTAMPTZ NOT NULL,
  settled_at TIMESTAMPTZ,
  -- The one figure that is shown and enforced.
  charged_tokens BIGINT NOT NULL GENERATED ALWAYS AS (
    CASE status
      WHEN 'reserved' THEN estimated_input_tokens + estimated_output_tokens
      WHEN 'settled' THEN input_tokens + output_tokens + cache_read_tokens + cache_write_tokens
      ELSE 0
    END) STORED,
  CONSTRAINT ai_usage_request_attempt_key UNIQUE (request_id, attempt)
);

-- A month's sum is read from the index alone.
CREATE INDEX ai_usage_user_month_idx ON ai.ai_usage (user_id, created_at) INCLUDE (charged_tokens, cost_micro_usd);
-- The sweep looks at open entries only; there are few.
CREATE INDEX ai_usage_open_idx ON ai.ai_usage (created_at) WHERE status = 'reserved';
