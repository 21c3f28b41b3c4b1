package rest

import (
	"encoding/json"
	"net/http"
	"time"

	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"

	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/session"
)

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
	if !wantsTable(r) {
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
	writeTable(w, r, "audit", auditColumns, func() ([][]string, bool, error) {
		page, err := a.Client.ListAudit(ctx, question)
		var rows [][]string
		for _, entry := range page.GetEntries() {
			rows = append(rows, auditCells(entry))
		}
		question.PageToken = page.GetNextPageToken()
		return rows, question.GetPageToken() != "", err
	})
}

// auditQuestion reads the filters as the JSON form of the route does.
func auditQuestion(r *http.Request) (*authv1.ListAuditRequest, error) {
	var question authv1.ListAuditRequest
	if err := readQuery(r, &question); err != nil {
		return nil, err
	}
	question.PageSize, question.PageToken = exportPage, ""
	return &question, nil
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
