-- +goose Up
CREATE TABLE chat.attachments (
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  -- Both sealed with the user's data key.
  name BYTEA NOT NULL,
  content BYTEA NOT NULL,
  media_type TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('text', 'image')),
  size INTEGER NOT NULL,
  -- A message had it once: it goes as soon as none has it any more.
  sent BOOLEAN NOT NULL DEFAULT FALSE,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
-- What is sealed does not get smaller.
ALTER TABLE chat.attachments ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX attachments_user_idx ON chat.attachments (user_id, id);

-- Branches of a conversation share a file.
CREATE TABLE chat.message_attachments (
  message_id UUID NOT NULL REFERENCES chat.chat_messages (id) ON DELETE CASCADE,
  attachment_id UUID NOT NULL REFERENCES chat.attachments (id) ON DELETE CASCADE,
  place INTEGER NOT NULL,
  PRIMARY KEY (message_id, attachment_id)
);
CREATE INDEX message_attachments_attachment_idx ON chat.message_attachments (attachment_id);
