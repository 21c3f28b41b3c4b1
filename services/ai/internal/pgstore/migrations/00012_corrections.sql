-- +goose Up
-- A correction is a row of its own, with figures that may be below nothing; the
-- rows that it corrects stay as they were.
ALTER TABLE ai.ai_usage
  -- The request that it corrects; null when it was made by hand.
  ADD COLUMN corrects UUID,
  ADD COLUMN reason TEXT NOT NULL DEFAULT '',
  -- Who made it; null once that account is gone. The audit log keeps the id.
  ADD COLUMN corrected_by UUID REFERENCES auth.users (id) ON DELETE SET NULL,
  DROP CONSTRAINT ai_usage_input_tokens_check,
  DROP CONSTRAINT ai_usage_output_tokens_check,
  DROP CONSTRAINT ai_usage_cache_read_tokens_check,
  DROP CONSTRAINT ai_usage_cache_write_tokens_check,
  DROP CONSTRAINT ai_usage_cost_micro_usd_check,
  ADD CONSTRAINT ai_usage_figures_check CHECK (source = 'correction' AND status = 'settled' AND reason <> ''
    OR corrects IS NULL AND reason = '' AND corrected_by IS NULL AND input_tokens >= 0 AND output_tokens >= 0
      AND cache_read_tokens >= 0 AND cache_write_tokens >= 0 AND cost_micro_usd >= 0);

CREATE INDEX ai_usage_corrects_idx ON ai.ai_usage (corrects) WHERE corrects IS NOT NULL;
-- Everybody's rows by time, for administrators.
CREATE INDEX ai_usage_created_idx ON ai.ai_usage (created_at, id);

-- Corrections that were asked for with a key; they go with who made them.
CREATE TABLE ai.idempotency_keys (
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  request_hash BYTEA NOT NULL,
  resource_id UUID NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON ai.idempotency_keys (created_at);
