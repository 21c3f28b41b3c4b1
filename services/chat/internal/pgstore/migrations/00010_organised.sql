-- +goose Up
ALTER TABLE chat.chat_conversations
  -- Sealed; null is none.
  ADD COLUMN system_prompt BYTEA,
  -- Who named it: user, ai, or nobody yet. Of older ones nobody knows.
  ADD COLUMN title_by TEXT NOT NULL DEFAULT 'user' CHECK (title_by IN ('', 'user', 'ai')),
  -- Hidden since then; it goes for good some minutes later.
  ADD COLUMN deleted_at TIMESTAMPTZ;
ALTER TABLE chat.chat_conversations ALTER COLUMN title_by SET DEFAULT '';
CREATE INDEX chat_conversations_deleted_idx ON chat.chat_conversations (deleted_at) WHERE deleted_at IS NOT NULL;

-- What is readable by whoever has a link: sealed with the link's own secret,
-- which is kept for the owner alone.
CREATE TABLE chat.shares (
  conversation_id UUID PRIMARY KEY REFERENCES chat.chat_conversations (id) ON DELETE CASCADE,
  -- SHA-256 of the token.
  token_hash BYTEA NOT NULL UNIQUE,
  -- The token, sealed with the owner's data key.
  token BYTEA NOT NULL,
  -- The picture of the branch, sealed with a key made of the token.
  snapshot BYTEA NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

CREATE TABLE chat.prompts (
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  title BYTEA NOT NULL,
  content BYTEA NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX prompts_user_idx ON chat.prompts (user_id, id);

-- The blind index: keyed hashes of the words of a title or a message, with a
-- key of the user. It stands apart, so that saving an answer's text as it comes
-- touches no index.
CREATE TABLE chat.search_entries (
  -- The message's id, or the conversation's for its title.
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  conversation_id UUID NOT NULL REFERENCES chat.chat_conversations (id) ON DELETE CASCADE,
  message_id UUID REFERENCES chat.chat_messages (id) ON DELETE CASCADE,
  terms BIGINT[] NOT NULL
);
CREATE INDEX search_entries_terms_idx ON chat.search_entries USING gin (terms);
CREATE INDEX search_entries_user_idx ON chat.search_entries (user_id, id DESC);
CREATE INDEX search_entries_conversation_idx ON chat.search_entries (conversation_id);
CREATE INDEX search_entries_message_idx ON chat.search_entries (message_id);
