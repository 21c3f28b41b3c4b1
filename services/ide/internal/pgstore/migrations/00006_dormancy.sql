-- +goose Up
-- When an unused workspace is deleted, once its owner was told.
ALTER TABLE ide.ide_workspaces ADD COLUMN delete_at timestamptz;
CREATE INDEX ide_workspaces_unused ON ide.ide_workspaces (last_accessed) WHERE desired = 'stopped';
