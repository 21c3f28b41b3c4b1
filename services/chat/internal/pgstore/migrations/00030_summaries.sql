-- +goose Up
-- What a model is given in place of the older part of a branch. Every branch
-- that goes through the message it reaches shares it.
CREATE TABLE chat.summaries (
  until_message_id UUID PRIMARY KEY REFERENCES chat.chat_messages (id) ON DELETE CASCADE,
  conversation_id UUID NOT NULL REFERENCES chat.chat_conversations (id) ON DELETE CASCADE,
  -- The answer that it was made for.
  answer_id UUID NOT NULL,
  -- Sealed with the user's data key.
  content BYTEA NOT NULL,
  -- How many messages it stands for.
  messages INTEGER NOT NULL,
  model TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cost_micro_usd BIGINT NOT NULL,
  created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX summaries_conversation_idx ON chat.summaries (conversation_id);
