-- +goose Up
ALTER TABLE chat.attachments
  DROP CONSTRAINT attachments_kind_check, ADD CONSTRAINT attachments_kind_check CHECK (kind IN ('text', 'image', 'pdf')),
  -- The text of a PDF, sealed with the user's data key.
  ADD COLUMN content_text BYTEA,
  -- How much of it a model is given as text, in bytes.
  ADD COLUMN text_size INTEGER NOT NULL DEFAULT 0;
UPDATE chat.attachments SET text_size = size WHERE kind = 'text';
ALTER TABLE chat.attachments ALTER COLUMN content_text SET STORAGE EXTERNAL;
