-- +goose Up
-- The names have no schema: it is the <service>_keys that is being migrated.
CREATE TABLE data_keys (
  user_id UUID PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  wrapped BYTEA NOT NULL,
  -- Which key-encryption key opens it.
  kek TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX data_keys_kek_idx ON data_keys (kek);

-- Keys of the service itself that must outlive a rotation.
CREATE TABLE service_keys (
  purpose TEXT PRIMARY KEY,
  wrapped BYTEA NOT NULL,
  kek TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
