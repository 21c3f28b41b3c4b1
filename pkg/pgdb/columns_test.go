package pgdb_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/pgdb"
)

func TestColumnsHaveOneTypeWhereTheirRowsDo(t *testing.T) {
	one, two := uuid.New(), uuid.New()
	require.Equal(t, []any{
		[]uuid.UUID{one, two}, []string{"a", "b"}, []int64{1, 2}, []any{nil, "x"}, []any{"x", nil}, []any{&one, nil},
	}, pgdb.Columns([][]any{{one, "a", int64(1), nil, "x", &one}, {two, "b", int64(2), "x", nil, nil}}))
}
