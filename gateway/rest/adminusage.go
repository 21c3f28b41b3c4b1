package rest

import (
	"net/http"
	"strconv"

	"atrium.internal/pkg/principal"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"

	"atrium.internal/gateway/problem"
	"atrium.internal/gateway/session"
)

// AdminUsage gives everybody's usage as a table: all groups that the filters pick.
type AdminUsage struct {
	Client  aiv1.UsageAdminServiceClient
	Streams *session.Streams
	// Otherwise answers clients that don't ask for a table.
	Otherwise http.Handler
}

// ServeHTTP writes the table.
func (a AdminUsage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
	var question aiv1.ListAllUsageRequest
	if err := readQuery(r, &question); err != nil {
		problem.Write(w, r, err)
		return
	}
	question.PageSize, question.PageToken = exportPage, ""
	columns := []string{"key", "username", "requests", "inputTokens", "outputTokens", "costUsd"}
	writeTable(w, r, "usage", columns, func() ([][]string, bool, error) {
		page, err := a.Client.ListAllUsage(ctx, &question)
		var rows [][]string
		for _, g := range page.GetGroups() {
			count := func(n int64) string { return strconv.FormatInt(n, 10) }
			rows = append(rows, []string{
				inert(g.GetKey()), inert(g.GetUsername()), count(g.GetRequests()), count(g.GetInputTokens()), count(g.GetOutputTokens()),
				strconv.FormatFloat(g.GetCostUsd(), 'f', 6, 64),
			})
		}
		question.PageToken = page.GetNextPageToken()
		return rows, question.GetPageToken() != "", err
	})
}
