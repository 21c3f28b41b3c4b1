-- +goose Up
-- Why a workspace is in its status, for pages in any language; the words alone are in status_reason.
ALTER TABLE ide.ide_workspaces ADD COLUMN status_cause jsonb;
