-- +goose Up
-- The workspace that a token was made for; null for one that a person made.
ALTER TABLE auth.api_tokens ADD COLUMN workspace_id UUID;
CREATE UNIQUE INDEX api_tokens_workspace_id_idx ON auth.api_tokens (workspace_id) WHERE workspace_id IS NOT NULL;
