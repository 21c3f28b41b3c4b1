-- +goose Up
CREATE SCHEMA IF NOT EXISTS audit;

CREATE TABLE audit.audit_log (
  id UUID PRIMARY KEY,
  timestamp TIMESTAMPTZ NOT NULL DEFAULT now(),
  -- No foreign key: the log outlives the accounts that it tells of.
  user_id UUID,
  event_type VARCHAR(50) NOT NULL,
  resource_type VARCHAR(50),
  resource_id TEXT,
  action VARCHAR(50) NOT NULL,
  status VARCHAR(20) NOT NULL CHECK (status IN ('success', 'failure', 'error')),
  ip_address INET,
  user_agent TEXT,
  metadata JSONB NOT NULL DEFAULT '{}',
  error TEXT
);
CREATE INDEX audit_log_user_id_idx ON audit.audit_log (user_id, timestamp DESC);
CREATE INDEX audit_log_timestamp_idx ON audit.audit_log (timestamp DESC);
CREATE INDEX audit_log_event_type_idx ON audit.audit_log (event_type, timestamp DESC);

-- Every service may add to the log and none may change it. Roles belong to the
-- whole cluster, so another database's migration may be making the same one.
-- +goose StatementBegin
DO $$
DECLARE service TEXT;
BEGIN
  FOREACH service IN ARRAY ARRAY['atrium_auth', 'atrium_chat', 'atrium_ide', 'atrium_ai'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = service) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', service);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    EXECUTE format('GRANT USAGE ON SCHEMA audit TO %I', service);
    EXECUTE format('GRANT INSERT ON audit.audit_log TO %I', service);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT SELECT ON audit.audit_log TO atrium_auth;
