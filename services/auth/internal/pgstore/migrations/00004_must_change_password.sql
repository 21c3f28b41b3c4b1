-- +goose Up
-- True while the password is one that the deployment made up.
ALTER TABLE auth.users ADD COLUMN must_change_password BOOLEAN NOT NULL DEFAULT FALSE;
