package pgdb_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/testkit/pgtest"
)

func TestUUIDsAreSentAndRead(t *testing.T) {
	url := pgtest.New(t)
	require.NoError(t, pgdb.Migrate(t.Context(), url, "demo", migrations, quiet))
	pool, err := pgdb.Open(url, "demo")
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	one, two := uuid.New(), uuid.New()
	type row struct {
		ID, None uuid.UUID
		Text     string
		Pointer  *uuid.UUID
		Null     *uuid.UUID
		All      []uuid.UUID
		Some     []*uuid.UUID
	}
	want := row{ID: one, Text: one.String(), Pointer: &two, All: []uuid.UUID{one, two}, Some: []*uuid.UUID{&two, nil}}
	for _, mode := range []pgx.QueryExecMode{pgx.QueryExecModeCacheStatement, pgx.QueryExecModeDescribeExec} {
		rows, err := pool.Query(t.Context(), `SELECT $1::uuid, NULL::uuid, $1::uuid::text, $2::uuid, $3::uuid, $4::uuid[], $5::uuid[]`,
			mode, one, &two, (*uuid.UUID)(nil), []uuid.UUID{one, two}, []any{&two, nil})
		require.NoError(t, err)
		got, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[row])
		require.NoError(t, err, mode)
		require.Equal(t, want, got, mode)
	}
	var id uuid.UUID
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT $1::uuid`, pgx.QueryExecModeSimpleProtocol, one).Scan(&id), "as text")
	require.Equal(t, one, id)
	require.Error(t, pool.QueryRow(t.Context(), `SELECT 'x'::text`).Scan(&id))
	require.NoError(t, pool.QueryRow(t.Context(), `SELECT $1::text`, one.String()).Scan(&id))
	require.Equal(t, one, id)
}

func BenchmarkUUIDs(b *testing.B) {
	url := pgtest.New(b)
	pool, err := pgdb.Open(url, "demo")
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	conn, err := pgx.Connect(b.Context(), url.Reveal())
	require.NoError(b, err)
	b.Cleanup(func() { _ = conn.Close(b.Context()) })
	ids := make([]uuid.UUID, 8)
	for _, as := range []string{"driver's", "ours"} {
		m := conn.TypeMap()
		if as == "ours" {
			require.NoError(b, pgdb.Migrate(b.Context(), url, "demo", migrations, quiet))
			c, err := pool.Acquire(b.Context())
			require.NoError(b, err)
			defer c.Release()
			m = c.Conn().TypeMap()
		}
		b.Run(as, func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				buf, err = m.Encode(pgtype.UUIDArrayOID, pgtype.BinaryFormatCode, ids, buf[:0])
				require.NoError(b, err)
			}
		})
	}
}
