-- +goose Up
-- Administrators are administrated by owners. The administrator of longest
-- standing becomes the first one where there is none yet.
UPDATE auth.users SET roles = roles || ARRAY['owner'], updated_at = now()
WHERE id = (SELECT id FROM auth.users WHERE 'admin' = ANY (roles) ORDER BY is_active DESC, created_at, id LIMIT 1)
  AND NOT EXISTS (SELECT FROM auth.users WHERE 'owner' = ANY (roles) AND 'admin' = ANY (roles));

-- The audit log's chain: a number and keyed hashes for each row, in the order
-- in which the rows were found.
CREATE TABLE audit.chain (
  seq BIGINT PRIMARY KEY CHECK (seq > 0),
  entry_id UUID NOT NULL UNIQUE,
  -- Of the row itself.
  entry_hash BYTEA NOT NULL CHECK (length(entry_hash) = 32),
  -- Of the link before, and all of this one.
  hash BYTEA NOT NULL CHECK (length(hash) = 32),
  chained_at TIMESTAMPTZ NOT NULL
);
GRANT SELECT, INSERT ON audit.chain TO atrium_auth;
