-- +goose Up
-- Until when an owner wants a workspace to run, idle or not.
ALTER TABLE ide.ide_workspaces ADD COLUMN keep_until timestamptz;
