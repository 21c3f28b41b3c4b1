-- +goose Up
-- How many accounts are in use at the moment is asked for by every scrape of
-- the metrics, in sessions and in API tokens.
CREATE INDEX sessions_last_activity_idx ON auth.sessions (last_activity);
CREATE INDEX api_tokens_last_used_idx ON auth.api_tokens (last_used);
