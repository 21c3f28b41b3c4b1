package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/prompt"
)

const promptColumns = `id, user_id, title, content, created_at, updated_at`

// promptRow is promptColumns, in their order.
type promptRow struct {
	ID        uuid.UUID
	UserID    uuid.UUID
	Title     []byte
	Content   []byte
	CreatedAt time.Time
	UpdatedAt time.Time
}

func promptTitleOf(id uuid.UUID) seal.Place {
	return seal.Place{Table: "prompts", Column: "title", Row: id}
}

func promptContentOf(id uuid.UUID) seal.Place {
	return seal.Place{Table: "prompts", Column: "content", Row: id}
}

// prompt opens the row with its user's key. What can't be read is empty: it
// can still be written anew or deleted, and does not hide the others.
func (r promptRow) prompt(key *seal.Key) prompt.Prompt {
	p := prompt.Prompt{ID: r.ID, UserID: r.UserID, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	p.Title, _ = openText(key, promptTitleOf(r.ID), r.Title)
	p.Content, _ = openText(key, promptContentOf(r.ID), r.Content)
	return p
}

func sealPrompt(key *seal.Key, p prompt.Prompt) (title, content []byte, err error) {
	if title, err = sealText(key, promptTitleOf(p.ID), p.Title); err != nil {
		return nil, nil, err
	}
	content, err = sealText(key, promptContentOf(p.ID), p.Content)
	return title, content, err
}

// CreatePrompt adds a prompt, or gives the one that the same call made before.
func (s *Store) CreatePrompt(ctx context.Context, p prompt.Prompt) (prompt.Prompt, error) {
	key, err := s.keys.Of(ctx, p.UserID)
	if err != nil {
		return prompt.Prompt{}, err
	}
	title, content, err := sealPrompt(key, p)
	if err != nil {
		return prompt.Prompt{}, err
	}
	var stored prompt.Prompt
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		id, replayed, err := claim(ctx, tx, p.UserID, p.ID)
		if err != nil {
			return err
		}
		if replayed {
			stored, err = queryPrompt(ctx, tx, key, `SELECT `+promptColumns+` FROM chat.prompts
				WHERE id = $1 AND user_id = $2`, id, p.UserID)
			return err
		}
		if err := roomForPrompt(ctx, tx, p.UserID); err != nil {
			return err
		}
		stored, err = queryPrompt(ctx, tx, key, `INSERT INTO chat.prompts (id, user_id, title, content)
			VALUES ($1, $2, $3, $4) RETURNING `+promptColumns, p.ID, p.UserID, title, content)
		if err != nil {
			return err
		}
		return record(ctx, tx, p.UserID, "prompt.create", p.ID, nil)
	})
	return stored, pgdb.Fault("create prompt", err)
}

// roomForPrompt makes calls of one user wait for each other, so that they can't
// pass the limit together.
func roomForPrompt(ctx context.Context, tx pgx.Tx, user uuid.UUID) error {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('chat.prompts ' || $1::text, 0))`, user); err != nil {
		return err
	}
	var kept int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM chat.prompts WHERE user_id = $1`, user).Scan(&kept); err != nil {
		return err
	}
	if kept >= prompt.Max {
		return prompt.ErrTooMany
	}
	return nil
}

// Prompts gives a user's prompts after one, in order of creation.
func (s *Store) Prompts(ctx context.Context, user, after uuid.UUID, limit int) ([]prompt.Prompt, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `SELECT `+promptColumns+` FROM chat.prompts
		WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`, user, after, limit)
	if err != nil {
		return nil, pgdb.Fault("list prompts", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[promptRow])
	if err != nil {
		return nil, pgdb.Fault("list prompts", err)
	}
	list := make([]prompt.Prompt, len(found))
	for i, row := range found {
		list[i] = row.prompt(key)
	}
	return list, nil
}

// UpdatePrompt stores what change makes of a user's prompt.
func (s *Store) UpdatePrompt(ctx context.Context, user, id uuid.UUID, change func(*prompt.Prompt)) (prompt.Prompt, error) {
	key, err := s.keys.Of(ctx, user)
	if err != nil {
		return prompt.Prompt{}, err
	}
	var updated prompt.Prompt
	err = pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		p, err := queryPrompt(ctx, tx, key, `SELECT `+promptColumns+` FROM chat.prompts
			WHERE id = $1 AND user_id = $2 FOR UPDATE`, id, user)
		if err != nil {
			return err
		}
		change(&p)
		title, content, err := sealPrompt(key, p)
		if err != nil {
			return err
		}
		updated, err = queryPrompt(ctx, tx, key, `UPDATE chat.prompts SET title = $2, content = $3, updated_at = now()
			WHERE id = $1 RETURNING `+promptColumns, id, title, content)
		if err != nil {
			return err
		}
		return record(ctx, tx, user, "prompt.update", id, nil)
	})
	return updated, pgdb.Fault("update prompt", err)
}

// DeletePrompt removes a user's prompt.
func (s *Store) DeletePrompt(ctx context.Context, user, id uuid.UUID) error {
	err := pgdb.InTx(ctx, s.pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `DELETE FROM chat.prompts WHERE id = $1 AND user_id = $2`, id, user)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return prompt.ErrNotFound
		}
		return record(ctx, tx, user, "prompt.delete", id, nil)
	})
	return pgdb.Fault("delete prompt", err)
}

func queryPrompt(ctx context.Context, db pgdb.Querier, key *seal.Key, sql string, args ...any) (prompt.Prompt, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return prompt.Prompt{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[promptRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return prompt.Prompt{}, prompt.ErrNotFound
	}
	if err != nil {
		return prompt.Prompt{}, err
	}
	return row.prompt(key), nil
}
