-- +goose Up
-- What people write is sealed from here on. Step 3, in code, moves what there
-- is from the plain columns to the sealed ones; 4 takes the plain ones away.
ALTER TABLE chat.chat_conversations RENAME COLUMN title TO plain_title;
ALTER TABLE chat.chat_conversations RENAME COLUMN metadata TO plain_metadata;
ALTER TABLE chat.chat_conversations
  ALTER COLUMN plain_title DROP NOT NULL, ALTER COLUMN plain_title DROP DEFAULT,
  ALTER COLUMN plain_metadata DROP NOT NULL, ALTER COLUMN plain_metadata DROP DEFAULT,
  ADD COLUMN title BYTEA,
  -- JSON; null is none.
  ADD COLUMN metadata BYTEA;

ALTER TABLE chat.chat_messages RENAME COLUMN content TO plain_content;
ALTER TABLE chat.chat_messages RENAME COLUMN metadata TO plain_metadata;
ALTER TABLE chat.chat_messages
  ALTER COLUMN plain_content DROP NOT NULL,
  ALTER COLUMN plain_metadata DROP NOT NULL, ALTER COLUMN plain_metadata DROP DEFAULT,
  ADD COLUMN content BYTEA,
  ADD COLUMN metadata BYTEA;
