package rest

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"

	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/session"
)

// exportPage is how many entries of the audit log are asked for at once.
const exportPage = 200

// Audit gives the audit log as a table: all of it that the filters pick, page
// by page as the reader takes it.
type Audit struct {
	Client  authv1.AdminServiceClient
	Streams *session.Streams
	// Otherwise answers clients that don't ask for a table.
	Otherwise http.Handler
}

// ServeHTTP writes the table.
func (a Audit) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept"), "text/csv") {
		a.Otherwise.ServeHTTP(w, r)
		return
	}
	caller, err := principal.SignedIn(r.Context())
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	ctx, release := a.Streams.Bind(r.Context(), caller.SessionID)
	defer release()
	question, err := auditQuestion(r)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	table := csv.NewWriter(w)
	for first := true; first || question.GetPageToken() != ""; first = false {
		page, err := a.Client.ListAudit(ctx, question)
		if err != nil && first {
			problem.Write(w, r, err)
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler) // a table that ends early must not look whole
		}
		if first {
			tableHeader(w.Header())
			err = table.Write(auditColumns)
		}
		for _, entry := range page.GetEntries() {
			err = table.Write(auditCells(entry))
		}
		table.Flush()
		if err != nil || table.Error() != nil {
			return // the reader is gone
		}
		question.PageToken = page.GetNextPageToken()
	}
}

// auditQuestion reads the filters as the JSON form of the route does.
func auditQuestion(r *http.Request) (*authv1.ListAuditRequest, error) {
	var question authv1.ListAuditRequest
	err := r.ParseForm()
	if err == nil {
		err = runtime.PopulateQueryParameters(&question, r.Form, utilities.NewDoubleArray(nil))
	}
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	question.PageSize, question.PageToken = exportPage, ""
	return &question, nil
}

func tableHeader(h http.Header) {
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="audit-%s.csv"`, time.Now().UTC().Format("20060102-150405")))
	h.Set("Cache-Control", "no-store")
}

var auditColumns = []string{
	"id", "timestamp", "userId", "username", "eventType", "resourceType", "resourceId", "action",
	"status", "ipAddress", "userAgent", "requestId", "error", "metadata",
}

func auditCells(e *authv1.AuditEntry) []string {
	metadata, _ := json.Marshal(e.GetMetadata().AsMap()) // what came as JSON can be written as such
	cells := []string{
		e.GetId(), e.GetTimestamp().AsTime().Format(time.RFC3339Nano), e.GetUserId(), e.GetUsername(), e.GetEventType(),
		e.GetResourceType(), e.GetResourceId(), e.GetAction(), e.GetStatus(), e.GetIpAddress(), e.GetUserAgent(),
		e.GetRequestId(), e.GetError(), string(metadata),
	}
	for i, cell := range cells {
		cells[i] = inert(cell)
	}
	return cells
}

// inert keeps spreadsheets from taking a text that somebody chose, such as a
// user agent, for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
