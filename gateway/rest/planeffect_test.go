package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"atrium.internal/pkg/principal"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
)

// company answers for three accounts: ada and ben on the plan, and cleo, who
// uses much, on another. Lists come in pages of one.
type company struct {
	authv1.AdminServiceClient
	aiv1.UsageAdminServiceClient
	idev1.WorkspaceAdminServiceClient
}

func (company) ListPlans(context.Context, *authv1.ListPlansRequest, ...grpc.CallOption) (*authv1.ListPlansResponse, error) {
	return &authv1.ListPlansResponse{}, nil
}

func (company) ListUsers(_ context.Context, in *authv1.ListUsersRequest, _ ...grpc.CallOption) (*authv1.ListUsersResponse, error) {
	switch {
	case in.GetPlan() != "team":
		return &authv1.ListUsersResponse{}, nil
	case in.GetPageToken() == "":
		return &authv1.ListUsersResponse{Users: []*authv1.User{{Id: "b", Username: "ben"}}, NextPageToken: "more"}, nil
	}
	return &authv1.ListUsersResponse{Users: []*authv1.User{{Id: "a", Username: "ada"}}}, nil
}

func (company) ListAllUsage(_ context.Context, in *aiv1.ListAllUsageRequest, _ ...grpc.CallOption) (*aiv1.ListAllUsageResponse, error) {
	sum := func(id string, tokens int64, usd float64) *aiv1.UsageSum {
		return &aiv1.UsageSum{Key: id, Allowance: &aiv1.Allowance{TokensUsed: tokens, UsedUsd: usd}}
	}
	if in.GetPageToken() == "" {
		return &aiv1.ListAllUsageResponse{Groups: []*aiv1.UsageSum{sum("c", 9000, 9)}, NextPageToken: "more"}, nil
	}
	return &aiv1.ListAllUsageResponse{Groups: []*aiv1.UsageSum{sum("a", 500, 0.5), sum("b", 100, 2)}}, nil
}

func (company) ListWorkspaceUse(context.Context, *idev1.ListWorkspaceUseRequest, ...grpc.CallOption) (*idev1.ListWorkspaceUseResponse, error) {
	return &idev1.ListWorkspaceUseResponse{Accounts: []*idev1.WorkspaceUse{{UserId: "a", Workspaces: 3, Seconds: 60}, {UserId: "c", Workspaces: 50}}}, nil
}

func TestTheEffectOfAPlan(t *testing.T) {
	effect := func(query string) (status int, got planEffect) {
		r := httptest.NewRequest(http.MethodGet, "/api/admin/plans/effect?"+query, nil)
		r = r.WithContext(principal.With(r.Context(), principal.Principal{Kind: principal.User, UserID: uuid.New(), SessionID: uuid.New()}))
		w := httptest.NewRecorder()
		c := company{}
		PlanEffect{Accounts: c, Workspaces: c, Usage: c}.ServeHTTP(w, r)
		_ = json.Unmarshal(w.Body.Bytes(), &got)
		return w.Code, got
	}
	status, got := effect("name=team&aiTokensMonthly=499&workspaces=3&monthlyBudgetUsd=1.5&ideSecondsMonthly=-1")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, planEffect{
		Users: 2, Over: map[string]int64{"aiTokensMonthly": 1, "workspaces": 0, "monthlyBudgetUsd": 1},
		Accounts: []overAccount{{ID: "a", Username: "ada", Over: []string{"aiTokensMonthly"}}, {ID: "b", Username: "ben", Over: []string{"monthlyBudgetUsd"}}},
	}, got, "exactly at a limit is not over it; an unlimited one is nobody's")
	_, got = effect("name=new&aiTokensMonthly=0")
	require.Zero(t, got.Users)
	require.Empty(t, got.Accounts)
	for _, bad := range []string{"", "name=team&aiTokensMonthly=many"} {
		status, _ = effect(bad)
		require.Equal(t, http.StatusBadRequest, status, bad)
	}
}
