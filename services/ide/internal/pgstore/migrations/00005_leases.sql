-- +goose Up
-- Which of several ide services may act on a workspace at the moment. It is no
-- column of the workspace: a lease outlives a row that goes with its user, and
-- its renewals must not wait for the row's lock.
CREATE TABLE ide.workspace_leases (
	workspace_id uuid PRIMARY KEY,
	holder uuid NOT NULL,
	expires_at timestamptz NOT NULL
);
