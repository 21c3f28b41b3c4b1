-- +goose Up
-- A message goes only with its conversation, and that with its user. So these
-- took nothing along that did not go anyway, and cost each message several
-- queries and places in indexes. Who writes has the conversation locked, and has
-- looked at the parent.
ALTER TABLE chat.chat_conversations DROP CONSTRAINT chat_conversations_head_message_id_fkey;
ALTER TABLE chat.chat_messages DROP CONSTRAINT chat_messages_parent_id_fkey;
DROP INDEX chat.chat_messages_parent_idx;
ALTER TABLE chat.search_entries DROP CONSTRAINT search_entries_user_id_fkey, DROP CONSTRAINT search_entries_message_id_fkey;
DROP INDEX chat.search_entries_message_idx;

-- Migration 5 had the planner believe that new tables have no rows. Until the
-- next look of autovacuum, statements planned by that read them whole, however
-- many rows there are by then. A table that was just made counts as unknown.
-- +goose StatementBegin
DO $$ BEGIN
  LOCK TABLE chat.chat_conversations;
  IF NOT EXISTS (SELECT FROM chat.chat_conversations) THEN
    TRUNCATE chat.chat_conversations, chat.chat_messages, chat.search_entries, chat.shares, chat.message_attachments, chat.summaries;
  END IF;
END $$;
-- +goose StatementEnd
