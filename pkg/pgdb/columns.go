package pgdb

import (
	"time"

	"github.com/google/uuid"
)

// Columns turns rows, one at least and all of the same length, into arrays for
// unnest. An array of one type costs the driver far less than one of anything.
func Columns(rows [][]any) []any {
	out := make([]any, len(rows[0]))
	for i := range out {
		switch rows[0][i].(type) {
		case uuid.UUID:
			out[i] = column[uuid.UUID](rows, i)
		case string:
			out[i] = column[string](rows, i)
		case int64:
			out[i] = column[int64](rows, i)
		case time.Time:
			out[i] = column[time.Time](rows, i)
		default:
			out[i] = column[any](rows, i) // NULL is of no type
		}
	}
	return out
}

// column is an array of T, or of anything if one of it is none.
func column[T any](rows [][]any, i int) any {
	all, anything := make([]T, len(rows)), make([]any, len(rows))
	same := true
	for n, row := range rows {
		one, is := row[i].(T)
		all[n], anything[n], same = one, row[i], same && is
	}
	if !same {
		return anything
	}
	return all
}
