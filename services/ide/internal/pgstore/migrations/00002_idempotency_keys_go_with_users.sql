-- +goose Up
-- A repeated call's key goes with its user, like everything else. Rows that the
-- previous version writes meanwhile are of users that there are.
DELETE FROM ide.idempotency_keys k WHERE NOT EXISTS (SELECT FROM auth.users u WHERE u.id = k.user_id);
ALTER TABLE ide.idempotency_keys ADD FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE;
