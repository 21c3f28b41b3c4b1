package rest

import (
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"atrium.internal/pkg/principal"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/proto/usd"

	"atrium.internal/gateway/problem"
)

// usage is the answer of GET /api/users/me/usage. Limits of -1 are unlimited.
type usage struct {
	Plan         string  `json:"plan"`
	AITokens     metered `json:"aiTokens"`
	IDEHours     hours   `json:"ideHours"`
	StorageBytes stored  `json:"storageBytes"`
	CostUSD      float64 `json:"costUsd"`
	Budget       spent   `json:"budget"`
}

// spent is the month's money, costUsd, against what the plan lets it cost.
type spent struct {
	Used     float64   `json:"usedUsd"`
	Limit    float64   `json:"limitUsd"`
	ResetsAt time.Time `json:"resetsAt"`
}

type metered struct {
	Used     int64     `json:"used"`
	Limit    int64     `json:"limit"`
	ResetsAt time.Time `json:"resetsAt"`
}

type hours struct {
	Used     float64   `json:"used"`
	Limit    float64   `json:"limit"`
	ResetsAt time.Time `json:"resetsAt"`
}

type stored struct {
	Used  int64 `json:"used"`
	Limit int64 `json:"limit"`
}

const secondsPerHour = 3600

// Usage answers the caller's figures of this month: the very numbers that the
// ai and ide services hold the plan to.
func Usage(ai aiv1.AIServiceClient, workspaces idev1.WorkspaceServiceClient) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, err := principal.SignedIn(r.Context())
		if err != nil {
			problem.Write(w, r, err)
			return
		}
		var tokens *aiv1.GetTokenUsageResponse
		var time *idev1.GetWorkspaceUsageResponse
		group, ctx := errgroup.WithContext(r.Context())
		group.Go(func() (err error) {
			tokens, err = ai.GetTokenUsage(ctx, &aiv1.GetTokenUsageRequest{})
			return err
		})
		group.Go(func() (err error) {
			time, err = workspaces.GetWorkspaceUsage(ctx, &idev1.GetWorkspaceUsageRequest{})
			return err
		})
		if err := group.Wait(); err != nil {
			problem.Write(w, r, err)
			return
		}
		writeJSON(w, usage{
			Plan:     caller.Plan.Name,
			AITokens: metered{Used: tokens.GetUsed(), Limit: tokens.GetLimit(), ResetsAt: tokens.GetResetsAt().AsTime()},
			IDEHours: hours{
				Used: float64(time.GetIdeSecondsUsed()) / secondsPerHour, Limit: inHours(time.GetIdeSecondsLimit()),
				ResetsAt: time.GetResetsAt().AsTime(),
			},
			StorageBytes: stored{Used: time.GetStorageBytesUsed(), Limit: time.GetStorageBytesLimit()},
			CostUSD:      usd.Dollars(tokens.GetCostMicroUsd()),
			Budget: spent{
				Used: usd.Dollars(tokens.GetCostMicroUsd()), Limit: *usd.WriteBudget(tokens.GetBudgetMicroUsd()),
				ResetsAt: tokens.GetResetsAt().AsTime(),
			},
		})
	})
}

func inHours(seconds int64) float64 {
	if seconds < 0 {
		return -1
	}
	return float64(seconds) / secondsPerHour
}
