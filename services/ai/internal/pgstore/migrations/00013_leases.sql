-- +goose Up
-- Room in a user's month that a process has set aside ahead of need, and counts
-- as held until it ends. Losing one to a crash costs nothing but exactness for a
-- few seconds.
CREATE TABLE ai.leases (
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  instance TEXT NOT NULL,
  month TIMESTAMPTZ NOT NULL,
  tokens BIGINT NOT NULL CHECK (tokens >= 0),
  cost_micro_usd BIGINT NOT NULL CHECK (cost_micro_usd >= 0),
  ends_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX leases_user_idx ON ai.leases (user_id);
