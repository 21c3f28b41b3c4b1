package seal

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/pgdb"
)

// rewrapAtOnce is how many keys are wrapped anew in one transaction.
const rewrapAtOnce = 500

// Count is how many keys of a service are wrapped with one key-encryption key.
type Count struct {
	Service string
	// KEK is the key-encryption key's id.
	KEK  string
	Keys int64
}

// Counts looks at every service's keys. It takes a connection that may read
// them all: the deployment's own.
func Counts(ctx context.Context, db pgdb.Querier) ([]Count, error) {
	tables, err := keyTables(ctx, db)
	if err != nil {
		return nil, err
	}
	var all []Count
	for _, t := range tables {
		rows, err := db.Query(ctx, `SELECT $1::text, kek, count(*) FROM `+t.name+` GROUP BY kek ORDER BY kek`, t.service)
		if err != nil {
			return nil, pgdb.Fault("count data keys", err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Count])
		if err != nil {
			return nil, pgdb.Fault("count data keys", err)
		}
		for _, c := range found {
			if n := len(all); n > 0 && all[n-1].Service == c.Service && all[n-1].KEK == c.KEK {
				all[n-1].Keys += c.Keys
				continue
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// Database is a connection that Rewrap can use.
type Database interface {
	pgdb.Querier
	pgdb.Beginner
}

// Rewrap wraps every key of every service with the current key-encryption key,
// while they are in use. What is done stays done when it is cut short. Keys that
// can't be opened are left as they are and counted as failed.
func Rewrap(ctx context.Context, db Database, ring *Keyring, progress func(service string, done int)) (done, failed int, err error) {
	tables, err := keyTables(ctx, db)
	if err != nil {
		return 0, 0, err
	}
	for _, t := range tables {
		for after, more := t.first, true; more; {
			var n, bad int
			err := pgdb.InTx(ctx, db, func(tx pgx.Tx) error {
				var err error
				n, bad, after, err = t.rewrap(ctx, tx, ring, after)
				return err
			})
			if err != nil {
				return done, failed, pgdb.Fault("wrap data keys", err)
			}
			done, failed, more = done+n, failed+bad, n+bad == rewrapAtOnce
			if n > 0 {
				progress(t.service, done)
			}
		}
	}
	return done, failed, nil
}

// keyTable is a table of wrapped keys.
type keyTable struct {
	service, name string
	// column tells the holders, kind is its type and first below all its values.
	column, kind, first string
}

// keyTables finds those of every service that has any.
func keyTables(ctx context.Context, db pgdb.Querier) ([]keyTable, error) {
	rows, err := db.Query(ctx, `SELECT schemaname, tablename FROM pg_tables
		WHERE schemaname LIKE '%\_keys' AND tablename IN ('data_keys', 'service_keys') ORDER BY 1, 2`)
	if err != nil {
		return nil, pgdb.Fault("look for data keys", err)
	}
	tables, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t keyTable, err error) {
		var schema, table string
		err = row.Scan(&schema, &table)
		t = keyTable{
			service: strings.TrimSuffix(schema, "_keys"), name: pgx.Identifier{schema, table}.Sanitize(),
			column: "user_id", kind: "uuid", first: uuid.Nil.String(),
		}
		if table == "service_keys" {
			t.column, t.kind, t.first = "purpose", "text", ""
		}
		return t, err
	})
	return tables, pgdb.Fault("look for data keys", err)
}

func (t keyTable) holder(value string) (holder, error) {
	if t.column == "purpose" {
		return holder{service: t.service, purpose: value}, nil
	}
	user, err := uuid.Parse(value)
	return holder{service: t.service, user: user}, err
}

// rewrap does the next keys after one, in the order of their holders.
func (t keyTable) rewrap(ctx context.Context, tx pgx.Tx, ring *Keyring, after string) (done, failed int, last string, err error) {
	rows, err := tx.Query(ctx, `SELECT `+t.column+`::text, wrapped, kek FROM `+t.name+`
		WHERE kek <> $1 AND `+t.column+` > $2::text::`+t.kind+` ORDER BY `+t.column+` LIMIT $3 FOR UPDATE`, ring.Current(), after, rewrapAtOnce)
	if err != nil {
		return 0, 0, after, err
	}
	type row struct {
		Holder  string
		Wrapped []byte
		KEK     string
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		return 0, 0, after, err
	}
	batch := &pgx.Batch{}
	for _, r := range found {
		after = r.Holder
		h, err := t.holder(r.Holder)
		if err != nil {
			return 0, 0, after, fmt.Errorf("holder of a data key: %w", err)
		}
		secret, err := ring.unwrap(r.Wrapped, r.KEK, h)
		if err != nil {
			failed++
			continue
		}
		wrapped, id := ring.wrap(secret, h)
		batch.Queue(`UPDATE `+t.name+` SET wrapped = $2, kek = $3 WHERE `+t.column+` = $1::text::`+t.kind, r.Holder, wrapped, id)
		done++
	}
	return done, failed, after, tx.SendBatch(ctx, batch).Close()
}
