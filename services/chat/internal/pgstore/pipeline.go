package pgstore

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/turn"
)

// pipeline keeps the statements that store an answer and whose results nobody
// needs, to send them in one round trip.
type pipeline struct {
	pgdb.Batch
	// files says that the question may have attachments.
	files bool
}

// sendFor runs what was kept, in its order, up to the first failure, and gives
// the answer that it has stored with its question.
func (p *pipeline) sendFor(ctx context.Context, tx pgx.Tx, key *seal.Key, user, answer uuid.UUID) (turn.Pair, error) {
	var rows []messageRow
	p.Queue(selectPair, answer, user).Query(func(found pgx.Rows) (err error) {
		rows, err = pgx.CollectRows(found, pgx.RowToStructByPos[messageRow])
		return err
	})
	if err := tx.SendBatch(ctx, &p.Batch.Batch).Close(); err != nil {
		return turn.Pair{}, err
	}
	messages, err := openMessages(key, rows)
	if err == nil && p.files {
		err = withAttachments(ctx, tx, key, messages)
	}
	if err != nil {
		return turn.Pair{}, err
	}
	return pairOf(user, messages)
}
