-- +goose Up
-- Ports that everybody who is signed in may open; without a row only the owner may.
CREATE TABLE ide.shared_ports (
	workspace_id uuid NOT NULL REFERENCES ide.ide_workspaces (id) ON DELETE CASCADE,
	port integer NOT NULL CHECK (port BETWEEN 1024 AND 65535),
	shared_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (workspace_id, port)
);
