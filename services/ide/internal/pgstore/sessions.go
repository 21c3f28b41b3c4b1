package pgstore

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/services/ide/internal/entry"
)

// OpenSession inserts a session with the sandbox that its workspace has now,
// and the audit row of who comes in.
func (s *Store) OpenSession(ctx context.Context, h entry.Hash, session entry.Session) error {
	var all pgdb.Batch
	all.Queue(`INSERT INTO ide.ide_sessions
		(id, user_id, workspace_id, session_token, created_at, expires_at, last_activity, container_id, platform_session_id, host, port)
		SELECT $1, $2, w.id, $4, $5, $6, $5, w.container_id, $7, $8, $9 FROM ide.ide_workspaces w WHERE w.id = $3`,
		session.ID, session.UserID, session.WorkspaceID, hex.EncodeToString(h[:]), session.CreatedAt,
		session.ExpiresAt, session.SessionID, session.Host, session.Port)
	err := audit.Insert(ctx, &all, audit.Entry{
		UserID: session.UserID, EventType: "workspace.enter", ResourceType: "workspace", ResourceID: session.WorkspaceID.String(),
		Action: "enter", Status: audit.Success, Metadata: map[string]any{"sessionId": session.ID, "port": session.Port},
	})
	if err == nil {
		err = s.db.SendBatch(ctx, &all.Batch).Close() // which is one transaction
	}
	if err != nil {
		return fmt.Errorf("write workspace session: %w", err)
	}
	return nil
}

// FindSession reads the session of a token's hash.
func (s *Store) FindSession(ctx context.Context, h entry.Hash) (entry.Session, error) {
	var found entry.Session
	err := s.db.QueryRow(ctx, `UPDATE ide.ide_sessions SET last_activity = now() WHERE session_token = $1
		RETURNING id, workspace_id, user_id, platform_session_id, host, coalesce(port, 0), created_at, expires_at`, hex.EncodeToString(h[:])).
		Scan(&found.ID, &found.WorkspaceID, &found.UserID, &found.SessionID, &found.Host, &found.Port, &found.CreatedAt, &found.ExpiresAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return entry.Session{}, entry.ErrSession
	}
	if err != nil {
		return entry.Session{}, fmt.Errorf("read workspace session: %w", err)
	}
	return found, nil
}

// DropSessions deletes the sessions that ended before a moment.
func (s *Store) DropSessions(ctx context.Context, before time.Time) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM ide.ide_sessions WHERE expires_at < $1`, before); err != nil {
		return fmt.Errorf("drop old workspace sessions: %w", err)
	}
	return nil
}
