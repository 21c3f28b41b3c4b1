-- +goose Up
CREATE TABLE auth.api_tokens (
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  name VARCHAR(100) NOT NULL,
  -- SHA-256 of the token in hexadecimal; the token itself is nowhere.
  token TEXT NOT NULL UNIQUE,
  scopes TEXT[] NOT NULL CHECK (cardinality(scopes) > 0),
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  -- Never, when it is null.
  expires_at TIMESTAMPTZ,
  last_used TIMESTAMPTZ
);
CREATE INDEX api_tokens_user_id_idx ON auth.api_tokens (user_id, id DESC);
