package pgdb

// Columns turns rows, one at least and all of the same length, into arrays for
// unnest.
func Columns(rows [][]any) []any {
	out := make([]any, len(rows[0]))
	for i := range out {
		column := make([]any, len(rows))
		for n, row := range rows {
			column[n] = row[i]
		}
		out[i] = column
	}
	return out
}
