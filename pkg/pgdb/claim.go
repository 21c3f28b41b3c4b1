package pgdb

import (
	"bytes"
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/idempotency"
)

// Claim ties a caller's idempotency key to the resource that this transaction
// creates. When the key was claimed before it gives the resource of then, and
// replayed is true; with another request it answers idempotency.ErrReused. A
// rival transaction with the same key is waited for. The table
// <schema>.idempotency_keys is made by the service's migrations.
func Claim(ctx context.Context, tx pgx.Tx, schema string, key idempotency.Key, owner, resource uuid.UUID) (existing uuid.UUID, replayed bool, err error) {
	if !safeName.MatchString(schema) {
		return uuid.Nil, false, fmt.Errorf("schema name %q is not a plain word", schema)
	}
	tag, err := tx.Exec(ctx, `INSERT INTO `+schema+`.idempotency_keys (user_id, key, request_hash, resource_id)
		VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, owner, key.Value, key.RequestHash, resource)
	if err != nil {
		return uuid.Nil, false, fmt.Errorf("claim idempotency key: %w", err)
	}
	if tag.RowsAffected() == 1 {
		return resource, false, nil
	}
	existing, err = Claimed(ctx, tx, schema, key, owner)
	return existing, err == nil, err
}

// Claimed gives the resource that a key was claimed for, or
// idempotency.ErrReused when that was another request's.
func Claimed(ctx context.Context, db Querier, schema string, key idempotency.Key, owner uuid.UUID) (resource uuid.UUID, err error) {
	if !safeName.MatchString(schema) {
		return uuid.Nil, fmt.Errorf("schema name %q is not a plain word", schema)
	}
	var hash []byte
	err = db.QueryRow(ctx, `SELECT request_hash, resource_id FROM `+schema+`.idempotency_keys
		WHERE user_id = $1 AND key = $2`, owner, key.Value).Scan(&hash, &resource)
	if err != nil {
		return uuid.Nil, fmt.Errorf("read idempotency key: %w", err)
	}
	if !bytes.Equal(hash, key.RequestHash) {
		return uuid.Nil, idempotency.ErrReused
	}
	return resource, nil
}
