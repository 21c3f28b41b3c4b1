-- +goose Up
CREATE TABLE ide.ide_workspaces (
	id uuid PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
	name varchar(255) NOT NULL,
	path text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	last_accessed timestamptz NOT NULL DEFAULT now(),
	container_id text NOT NULL DEFAULT '',
	status varchar(20) NOT NULL DEFAULT 'stopped'
		CHECK (status IN ('stopped', 'starting', 'running', 'stopping', 'error')),
	metadata jsonb NOT NULL DEFAULT '{}',
	-- What the user wants; the reconciler makes status follow.
	desired varchar(20) NOT NULL DEFAULT 'stopped' CHECK (desired IN ('stopped', 'running', 'deleted')),
	restart boolean NOT NULL DEFAULT false,
	status_reason text NOT NULL DEFAULT '',
	template varchar(64) NOT NULL,
	isolation varchar(20) NOT NULL,
	-- First label of the workspace's host name.
	label varchar(63) NOT NULL UNIQUE,
	-- The owner's plan when it was last started; -1 is unlimited.
	cpu_millis bigint NOT NULL DEFAULT -1,
	memory_bytes bigint NOT NULL DEFAULT -1,
	ide_seconds_monthly bigint NOT NULL DEFAULT -1,
	event_seq bigint NOT NULL DEFAULT 0
);
-- A name is free again as soon as its workspace is being deleted.
CREATE UNIQUE INDEX ide_workspaces_user_id_name ON ide.ide_workspaces (user_id, name) WHERE desired <> 'deleted';
CREATE INDEX ide_workspaces_user_id ON ide.ide_workspaces (user_id, id DESC);
CREATE INDEX ide_workspaces_unsettled ON ide.ide_workspaces (id)
	WHERE desired <> 'stopped' OR status IN ('starting', 'running', 'stopping');

CREATE TABLE ide.ide_sessions (
	id uuid PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
	workspace_id uuid NOT NULL REFERENCES ide.ide_workspaces (id) ON DELETE CASCADE,
	-- SHA-256 of the cookie's token, as hexadecimal digits.
	session_token text NOT NULL UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	last_activity timestamptz NOT NULL DEFAULT now(),
	container_id text NOT NULL DEFAULT '',
	process_id integer,
	port integer,
	metadata jsonb NOT NULL DEFAULT '{}',
	-- The platform session it hangs on, and the only host it is good for.
	platform_session_id uuid NOT NULL,
	host text NOT NULL
);
CREATE INDEX ide_sessions_user_id ON ide.ide_sessions (user_id);
CREATE INDEX ide_sessions_workspace_id ON ide.ide_sessions (workspace_id);
CREATE INDEX ide_sessions_expires_at ON ide.ide_sessions (expires_at);

CREATE TABLE ide.workspace_events (
	workspace_id uuid NOT NULL REFERENCES ide.ide_workspaces (id) ON DELETE CASCADE,
	seq bigint NOT NULL,
	time timestamptz NOT NULL,
	step varchar(20) NOT NULL,
	message text NOT NULL,
	status varchar(20) NOT NULL,
	PRIMARY KEY (workspace_id, seq)
);

-- Running time, kept beyond the workspace's deletion: it is what the plan counts.
CREATE TABLE ide.ide_uptime (
	id uuid PRIMARY KEY,
	user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
	workspace_id uuid NOT NULL,
	started_at timestamptz NOT NULL,
	-- When it was last seen running; what counts if its end was not seen.
	seen_at timestamptz NOT NULL,
	ended_at timestamptz
);
CREATE UNIQUE INDEX ide_uptime_open ON ide.ide_uptime (workspace_id) WHERE ended_at IS NULL;
CREATE INDEX ide_uptime_user_id ON ide.ide_uptime (user_id, started_at);

-- Files that nobody owns any more. A row here is the only reason to delete any:
-- a workspace that is merely absent from the table above keeps its files. The
-- zero workspace stands for everything kept for the user.
CREATE TABLE ide.removals (
	user_id uuid NOT NULL,
	workspace_id uuid NOT NULL,
	requested_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, workspace_id)
);

-- +goose StatementBegin
CREATE FUNCTION ide.remember_removal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = ide AS $$
BEGIN
	IF TG_TABLE_NAME = 'ide_workspaces' THEN
		INSERT INTO ide.removals (user_id, workspace_id) VALUES (OLD.user_id, OLD.id) ON CONFLICT DO NOTHING;
	END IF;
	IF NOT EXISTS (SELECT FROM auth.users WHERE id = OLD.user_id) THEN
		INSERT INTO ide.removals (user_id, workspace_id)
		VALUES (OLD.user_id, '00000000-0000-0000-0000-000000000000') ON CONFLICT DO NOTHING;
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER remember_removal AFTER DELETE ON ide.ide_workspaces
	FOR EACH ROW EXECUTE FUNCTION ide.remember_removal();
-- Whoever ever started a workspace has rows here, also after deleting them all.
CREATE TRIGGER remember_removal AFTER DELETE ON ide.ide_uptime
	FOR EACH ROW EXECUTE FUNCTION ide.remember_removal();

CREATE TABLE ide.idempotency_keys (
	user_id uuid NOT NULL,
	key text NOT NULL,
	request_hash bytea NOT NULL,
	resource_id uuid NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (user_id, key)
);
