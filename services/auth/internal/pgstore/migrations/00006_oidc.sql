-- +goose Up
-- Logins at OpenID Connect providers that open accounts. An account that has
-- one may have an empty password_hash, which matches no password.
CREATE TABLE auth.identities (
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  -- The id that the issuer was configured under.
  provider TEXT NOT NULL,
  -- What the provider calls the user; for showing only.
  name TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  last_login TIMESTAMPTZ,
  CONSTRAINT identities_login_key UNIQUE (issuer, subject)
);
CREATE INDEX identities_user_id_idx ON auth.identities (user_id, id);

-- Logins that were begun. Their nonce and PKCE verifier derive from what the
-- browser brings back and the deployment's key, and are nowhere.
CREATE TABLE auth.oidc_logins (
  -- SHA-256 in hexadecimal of the state and of the browser's cookie.
  state TEXT PRIMARY KEY,
  binding TEXT NOT NULL,
  issuer TEXT NOT NULL,
  next TEXT NOT NULL,
  -- Whose account the login is to be linked to; null for a login.
  user_id UUID REFERENCES auth.users (id) ON DELETE CASCADE,
  session_id UUID,
  expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX oidc_logins_expires_at_idx ON auth.oidc_logins (expires_at);
CREATE INDEX oidc_logins_user_id_idx ON auth.oidc_logins (user_id);
