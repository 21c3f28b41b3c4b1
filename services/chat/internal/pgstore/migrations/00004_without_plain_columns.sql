-- +goose Up
ALTER TABLE chat.chat_conversations
  DROP COLUMN plain_title, DROP COLUMN plain_metadata, ALTER COLUMN title SET NOT NULL;
ALTER TABLE chat.chat_messages
  DROP COLUMN plain_content, DROP COLUMN plain_metadata, ALTER COLUMN content SET NOT NULL;
