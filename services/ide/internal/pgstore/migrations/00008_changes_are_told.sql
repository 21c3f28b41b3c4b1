-- +goose Up
-- Whoever remembers rows hears of every change, by whatever way it came: a
-- service's own, a cascade, or a hand in psql.
-- +goose StatementBegin
CREATE FUNCTION ide.tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_TABLE_NAME = 'ide_sessions' THEN
		PERFORM pg_notify('ide_changes', 'session ' || OLD.session_token);
	ELSE
		PERFORM pg_notify('ide_changes', 'workspace ' || OLD.id);
	END IF;
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tell_change AFTER UPDATE OR DELETE ON ide.ide_workspaces
	FOR EACH ROW EXECUTE FUNCTION ide.tell_change();
-- That somebody was seen is no change.
CREATE TRIGGER tell_change AFTER UPDATE OF user_id, workspace_id, session_token, expires_at, platform_session_id, host, port OR DELETE
	ON ide.ide_sessions FOR EACH ROW EXECUTE FUNCTION ide.tell_change();
