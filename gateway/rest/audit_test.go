package rest

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"

	"atrium.internal/gateway/session"
)

// log is an audit log of two pages, which may break off after the first.
type log struct {
	authv1.AdminServiceClient
	asked  []*authv1.ListAuditRequest
	broken bool
	refuse bool
}

func (l *log) ListAudit(_ context.Context, in *authv1.ListAuditRequest, _ ...grpc.CallOption) (*authv1.ListAuditResponse, error) {
	if l.refuse {
		return nil, apperr.New(apperr.PermissionDenied, "PERMISSION_DENIED", "No.")
	}
	l.asked = append(l.asked, &authv1.ListAuditRequest{EventType: in.GetEventType(), PageToken: in.GetPageToken(), PageSize: in.GetPageSize(), From: in.GetFrom()})
	entry := &authv1.AuditEntry{Id: in.GetPageToken(), Timestamp: timestamppb.Now(), UserAgent: `=HYPERLINK("//evil","x")`, Username: "@ada", Error: "-1"}
	if in.GetPageToken() == "" {
		return &authv1.ListAuditResponse{Entries: []*authv1.AuditEntry{entry, entry}, NextPageToken: "second"}, nil
	}
	if l.broken {
		return nil, apperr.New(apperr.Unavailable, "DATABASE_UNAVAILABLE", "Away.")
	}
	return &authv1.ListAuditResponse{Entries: []*authv1.AuditEntry{entry}}, nil
}

func export(l *log, query string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/api/admin/audit"+query, nil)
	r.Header.Set("Accept", "text/csv")
	r = r.WithContext(principal.With(r.Context(), principal.Principal{Kind: principal.User, UserID: uuid.New(), SessionID: uuid.New()}))
	w := httptest.NewRecorder()
	Audit{Client: l, Streams: session.NewStreams()}.ServeHTTP(w, r)
	return w
}

func TestTheAuditLogIsATableWithoutFormulas(t *testing.T) {
	l := &log{}
	w := export(l, "?eventType=auth.&from=2026-01-02T03:04:05Z&pageSize=1&pageToken=forged")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
	require.Regexp(t, `^attachment; filename="audit-[0-9-]+\.csv"$`, w.Header().Get("Content-Disposition"))
	table, err := csv.NewReader(strings.NewReader(w.Body.String())).ReadAll()
	require.NoError(t, err)
	require.Len(t, table, 1+3, "a header and both pages")
	require.Equal(t, auditColumns, table[0])
	require.Equal(t, `'=HYPERLINK("//evil","x")`, table[1][10])
	require.Equal(t, "'@ada", table[1][3])
	require.Equal(t, "'-1", table[1][12])
	require.Len(t, l.asked, 2)
	require.Equal(t, "auth.", l.asked[1].GetEventType())
	require.Equal(t, int64(1767323045), l.asked[1].GetFrom().GetSeconds())
	require.Empty(t, l.asked[0].GetPageToken())
	require.Equal(t, int32(exportPage), l.asked[0].GetPageSize())
}

func TestATableThatBreaksOffDoesNotLookWhole(t *testing.T) {
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { export(&log{broken: true}, "") })
	require.Equal(t, http.StatusForbidden, export(&log{refuse: true}, "").Code)
	require.Equal(t, http.StatusBadRequest, export(&log{}, "?from=yesterday").Code)
}
