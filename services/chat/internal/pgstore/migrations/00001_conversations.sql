-- +goose Up
CREATE TABLE chat.chat_conversations (
  id UUID PRIMARY KEY,
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  title VARCHAR(255) NOT NULL DEFAULT '',
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  metadata JSONB NOT NULL DEFAULT '{}',
  pinned BOOLEAN NOT NULL DEFAULT FALSE,
  archived BOOLEAN NOT NULL DEFAULT FALSE,
  -- Empty is the deployment's default.
  model TEXT NOT NULL DEFAULT '',
  -- Another service's workspace: no foreign key.
  workspace_id UUID,
  head_message_id UUID
);
CREATE INDEX chat_conversations_list_idx
  ON chat.chat_conversations (user_id, pinned DESC, updated_at DESC, id DESC);

CREATE TABLE chat.chat_messages (
  id UUID PRIMARY KEY,
  conversation_id UUID NOT NULL REFERENCES chat.chat_conversations (id) ON DELETE CASCADE,
  role VARCHAR(20) NOT NULL CHECK (role IN ('user', 'assistant', 'system')),
  content TEXT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  metadata JSONB NOT NULL DEFAULT '{}',
  parent_id UUID REFERENCES chat.chat_messages (id) ON DELETE CASCADE,
  -- Grows with creation, so a message's ancestors have smaller ones.
  position BIGINT GENERATED ALWAYS AS IDENTITY,
  status TEXT NOT NULL CHECK (status IN ('streaming', 'complete', 'stopped', 'interrupted', 'error')),
  model TEXT NOT NULL DEFAULT '',
  input_tokens INTEGER,
  output_tokens INTEGER,
  cost_micro_usd BIGINT,
  -- What sort of failure metadata's errorReason is.
  error_kind SMALLINT,
  -- Whose turn writes this answer while it is streaming, and until when the
  -- turn counts as alive without another sign of it.
  lease_owner TEXT NOT NULL DEFAULT '',
  lease_run UUID,
  lease_until TIMESTAMPTZ,
  stop_requested BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX chat_messages_conversation_idx ON chat.chat_messages (conversation_id, position);
CREATE INDEX chat_messages_parent_idx ON chat.chat_messages (parent_id);
CREATE INDEX chat_messages_streaming_idx ON chat.chat_messages (lease_until) WHERE status = 'streaming';

ALTER TABLE chat.chat_conversations ADD FOREIGN KEY (head_message_id)
  REFERENCES chat.chat_messages (id) ON DELETE SET NULL;

CREATE TABLE chat.idempotency_keys (
  user_id UUID NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  request_hash BYTEA NOT NULL,
  resource_id UUID NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_created_at_idx ON chat.idempotency_keys (created_at);
