-- +goose Up
-- What else of the owner's plan a workspace was last started under. Those of
-- before have no limit of storage until their next start.
ALTER TABLE ide.ide_workspaces
	ADD COLUMN storage_bytes bigint NOT NULL DEFAULT -1,
	ADD COLUMN plan_isolation varchar(20) NOT NULL DEFAULT '';
