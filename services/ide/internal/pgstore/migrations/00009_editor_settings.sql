-- +goose Up
-- What a user wants of VS Code in every workspace.
CREATE TABLE ide.editor_settings (
	user_id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
	revision bigint NOT NULL DEFAULT 1 CHECK (revision > 0),
	choices jsonb NOT NULL
);
