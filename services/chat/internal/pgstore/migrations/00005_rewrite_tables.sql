-- +goose NO TRANSACTION
-- +goose Up
-- Dropped columns and replaced rows stay in a table's files until it is rewritten.
VACUUM FULL chat.chat_conversations;
VACUUM FULL chat.chat_messages;
