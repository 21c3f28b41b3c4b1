package rest

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"atrium.internal/gateway/problem"
)

// exportPage is how many rows of a table are asked for at once.
const exportPage = 200

// wantsTable says that the client would rather have CSV than JSON.
func wantsTable(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/csv") }

// readQuery reads a list's filters as the JSON form of its route does.
func readQuery(r *http.Request, question proto.Message) error {
	err := r.ParseForm()
	if err == nil {
		err = runtime.PopulateQueryParameters(question, r.Form, utilities.NewDoubleArray(nil))
	}
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return nil
}

// writeTable writes a list as a table, page by page as the reader takes it.
// next gives the rows of a page, and whether there are more.
func writeTable(w http.ResponseWriter, r *http.Request, name string, columns []string, next func() (rows [][]string, more bool, err error)) {
	table := csv.NewWriter(w)
	for first, more := true, true; more; first = false {
		var rows [][]string
		var err error
		rows, more, err = next()
		if err != nil && first {
			problem.Write(w, r, err)
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler) // a table that ends early must not look whole
		}
		if first {
			tableHeader(w.Header(), name)
			err = table.Write(columns)
		}
		for _, row := range rows {
			err = table.Write(row)
		}
		table.Flush()
		if err != nil || table.Error() != nil {
			return // the reader is gone
		}
	}
}

func tableHeader(h http.Header, name string) {
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.csv"`, name, time.Now().UTC().Format("20060102-150405")))
	h.Set("Cache-Control", "no-store")
}

// inert keeps spreadsheets from taking a text that somebody chose, such as a
// user agent, for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
