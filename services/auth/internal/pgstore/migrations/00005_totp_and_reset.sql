-- +goose Up
-- The second factor of an account: one authenticator.
CREATE TABLE auth.totp (
  user_id UUID PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  -- Sealed with the user's data key.
  secret BYTEA NOT NULL,
  -- Asked for at sign-in from then on; null until a first code was right.
  confirmed_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  -- The 30-second step of the last code that was taken: none before it is.
  last_step BIGINT NOT NULL DEFAULT 0
);

-- One row is one code that was not used yet.
CREATE TABLE auth.recovery_codes (
  user_id UUID NOT NULL REFERENCES auth.totp (user_id) ON DELETE CASCADE,
  -- SHA-256 of user and code in hexadecimal; the code itself is nowhere.
  hash TEXT NOT NULL,
  PRIMARY KEY (user_id, hash)
);

-- Sign-ins whose password was right and whose code is awaited.
CREATE TABLE auth.login_challenges (
  -- SHA-256 of the challenge in hexadecimal; the challenge itself is nowhere.
  hash TEXT PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  -- SHA-256 of the password's hash, in hexadecimal; the sign-in ends with it.
  password_mark TEXT NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX login_challenges_user_id_idx ON auth.login_challenges (user_id);
CREATE INDEX login_challenges_expires_at_idx ON auth.login_challenges (expires_at);

-- Wishes for a new password, written before anybody looks whether the address
-- has an account, so that asking takes the same time either way.
CREATE TABLE auth.password_resets (
  id UUID PRIMARY KEY,
  email VARCHAR(255) NOT NULL,
  requested_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  -- When it may next be tried to send the link; null when nothing is to be done.
  send_at TIMESTAMPTZ DEFAULT now(),
  attempts INTEGER NOT NULL DEFAULT 0,
  -- The rest is set when the link is made.
  user_id UUID REFERENCES auth.users (id) ON DELETE CASCADE,
  -- SHA-256 of the link's token in hexadecimal; the token itself is nowhere.
  token TEXT UNIQUE,
  -- SHA-256 of the password's hash, in hexadecimal; the link ends with it.
  password_mark TEXT,
  expires_at TIMESTAMPTZ
);
CREATE INDEX password_resets_send_at_idx ON auth.password_resets (send_at) WHERE send_at IS NOT NULL;
CREATE INDEX password_resets_user_id_idx ON auth.password_resets (user_id, requested_at);
