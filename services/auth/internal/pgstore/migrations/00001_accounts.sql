-- +goose Up
CREATE TABLE auth.plans (
  name TEXT PRIMARY KEY,
  -- -1 is unlimited in every limit.
  storage_bytes BIGINT NOT NULL CHECK (storage_bytes >= -1),
  cpu_millis BIGINT NOT NULL CHECK (cpu_millis >= -1),
  memory_bytes BIGINT NOT NULL CHECK (memory_bytes >= -1),
  ai_tokens_monthly BIGINT NOT NULL CHECK (ai_tokens_monthly >= -1),
  ide_seconds_monthly BIGINT NOT NULL CHECK (ide_seconds_monthly >= -1),
  workspaces BIGINT NOT NULL CHECK (workspaces >= -1),
  -- Empty is the deployment's default.
  isolation TEXT NOT NULL DEFAULT '' CHECK (isolation IN ('', 'directory', 'docker', 'gvisor', 'kubernetes'))
);

INSERT INTO auth.plans (name, storage_bytes, cpu_millis, memory_bytes, ai_tokens_monthly, ide_seconds_monthly, workspaces) VALUES
  ('free', 1::bigint << 30, 500, 1::bigint << 30, 100000, 10 * 3600, 3),
  ('pro', 10::bigint << 30, 2000, 4::bigint << 30, 1000000, 100 * 3600, 20),
  ('enterprise', 100::bigint << 30, 8000, 16::bigint << 30, -1, -1, -1);

CREATE TABLE auth.users (
  id UUID PRIMARY KEY,
  email VARCHAR(255) NOT NULL,
  username VARCHAR(50) NOT NULL,
  password_hash TEXT NOT NULL,
  full_name VARCHAR(255) NOT NULL DEFAULT '',
  avatar_url TEXT NOT NULL DEFAULT '',
  roles TEXT[] NOT NULL DEFAULT ARRAY['user'],
  plan TEXT NOT NULL DEFAULT 'free' REFERENCES auth.plans (name),
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  last_login TIMESTAMPTZ,
  is_active BOOLEAN NOT NULL DEFAULT TRUE,
  settings JSONB NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX users_email_key ON auth.users (lower(email));
CREATE UNIQUE INDEX users_username_key ON auth.users (lower(username));
CREATE INDEX users_admin_idx ON auth.users (id) WHERE 'admin' = ANY (roles);

CREATE TABLE auth.sessions (
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  -- SHA-256 of the token in hexadecimal; the token itself is nowhere.
  token TEXT NOT NULL UNIQUE,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  expires_at TIMESTAMPTZ NOT NULL,
  last_activity TIMESTAMPTZ NOT NULL DEFAULT now(),
  ip_address INET,
  user_agent TEXT NOT NULL DEFAULT '',
  metadata JSONB NOT NULL DEFAULT '{}'
);
CREATE INDEX sessions_user_id_idx ON auth.sessions (user_id, last_activity DESC, id DESC);
CREATE INDEX sessions_expires_at_idx ON auth.sessions (expires_at);

CREATE TABLE auth.idempotency_keys (
  -- Whoever calls; all zeros for those who aren't signed in yet.
  user_id UUID NOT NULL,
  key TEXT NOT NULL,
  request_hash BYTEA NOT NULL,
  resource_id UUID NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON auth.idempotency_keys (created_at);
