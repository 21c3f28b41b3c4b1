package rest

import (
	"context"
	"net/http"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/grpcx"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/problem"
)

// overviewDays is how many days an overview goes back, today included.
const overviewDays = 30

// overview is the answer of GET /api/admin/overview. What a service that is
// away would have told is absent.
type overview struct {
	Users      *overviewUsers      `json:"users"`
	Workspaces *overviewWorkspaces `json:"workspaces"`
	// Usage has the last 30 days (UTC), the oldest first.
	Usage     []overviewDay      `json:"usage"`
	Providers []overviewProvider `json:"providers"`
	// Services are the parts of the platform, and the databases, with whether
	// they answer: "ok" or "down".
	Services map[string]string `json:"services"`
}

type overviewUsers struct {
	Total     int64 `json:"total"`
	Active    int64 `json:"active"`
	Suspended int64 `json:"suspended"`
	// Registrations are by day, like Usage.
	Registrations []dayCount `json:"registrations"`
}

type dayCount struct {
	Day   string `json:"day"`
	Count int64  `json:"count"`
}

type overviewWorkspaces struct {
	Total   int64 `json:"total"`
	Running int64 `json:"running"`
	Failed  int64 `json:"failed"`
}

type overviewDay struct {
	Day      string  `json:"day"`
	Requests int64   `json:"requests"`
	Tokens   int64   `json:"tokens"`
	CostUSD  float64 `json:"costUsd"`
}

type overviewProvider struct {
	Name string `json:"name"`
	// State is ok, failing, resting or idle; see aiv1.ProviderState.
	State    string   `json:"state"`
	Attempts int32    `json:"attempts"`
	Failures int32    `json:"failures"`
	Models   []string `json:"models"`
}

// Overview answers what an administrator looks at first.
type Overview struct {
	Accounts   authv1.AdminServiceClient
	Workspaces idev1.WorkspaceAdminServiceClient
	Usage      aiv1.UsageAdminServiceClient
	// Check tells of each dependency by its name whether it answers.
	Check func(context.Context) map[string]string
}

// ServeHTTP asks all services at once. Who may ask is theirs to say: the answer
// of one that refuses is the answer.
func (o Overview) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, end := context.WithCancel(r.Context())
	defer end()
	var all overview
	var refused error
	var mu sync.Mutex
	var parts sync.WaitGroup
	for _, part := range []func() error{
		func() error { return o.users(ctx, &all) },
		func() error { return o.workspaces(ctx, &all) },
		func() error { return o.usage(ctx, &all) },
		func() error { return o.providers(ctx, &all) },
	} {
		parts.Go(func() {
			err := part()
			if err == nil || away(err) {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if refused == nil { // what comes after it was only given up
				refused = err
			}
			end()
		})
	}
	parts.Wait()
	if refused != nil {
		problem.Write(w, r, refused)
		return
	}
	all.Services = o.Check(r.Context())
	writeJSON(w, all)
}

func (o Overview) users(ctx context.Context, to *overview) error {
	sum, err := o.Accounts.SummarizeAccounts(ctx, &authv1.SummarizeAccountsRequest{})
	if err != nil {
		return err
	}
	users := overviewUsers{Total: sum.GetTotal(), Active: sum.GetActive(), Suspended: sum.GetSuspended()}
	for _, d := range sum.GetRegistrations() {
		users.Registrations = append(users.Registrations, dayCount{Day: d.GetDay(), Count: d.GetCount()})
	}
	to.Users = &users
	return nil
}

func (o Overview) workspaces(ctx context.Context, to *overview) error {
	sum, err := o.Workspaces.SummarizeWorkspaces(ctx, &idev1.SummarizeWorkspacesRequest{})
	if err != nil {
		return err
	}
	to.Workspaces = &overviewWorkspaces{Total: sum.GetTotal(), Running: sum.GetRunning(), Failed: sum.GetFailed()}
	return nil
}

// usage has a row for each day, also for those on which nothing was used.
func (o Overview) usage(ctx context.Context, to *overview) error {
	first := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1-overviewDays)
	sums, err := o.Usage.ListAllUsage(ctx, &aiv1.ListAllUsageRequest{
		GroupBy: "day", From: timestamppb.New(first), To: timestamppb.New(first.AddDate(0, 0, overviewDays)), PageSize: overviewDays,
	})
	if err != nil {
		return err
	}
	used := map[string]*aiv1.UsageSum{}
	for _, g := range sums.GetGroups() {
		used[g.GetKey()] = g
	}
	for i := range overviewDays {
		day := first.AddDate(0, 0, i).Format(time.DateOnly)
		g := used[day]
		to.Usage = append(to.Usage, overviewDay{
			Day: day, Requests: g.GetRequests(), Tokens: g.GetInputTokens() + g.GetOutputTokens(), CostUSD: g.GetCostUsd(),
		})
	}
	return nil
}

func (o Overview) providers(ctx context.Context, to *overview) error {
	known, err := o.Usage.ListProviders(ctx, &aiv1.ListProvidersRequest{})
	if err != nil {
		return err
	}
	to.Providers = []overviewProvider{}
	for _, p := range known.GetProviders() {
		to.Providers = append(to.Providers, overviewProvider{
			Name: p.GetName(), State: p.GetState(), Attempts: p.GetAttempts(), Failures: p.GetFailures(), Models: p.GetModels(),
		})
	}
	return nil
}

// away says that a service can't be reached or can't reach its database.
func away(err error) bool { return apperr.From(grpcx.FromStatus(err)).Kind == apperr.Unavailable }
