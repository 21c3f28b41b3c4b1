package rest

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"

	"atrium.internal/gateway/problem"
)

// shownAccounts is how many accounts an effect names.
const shownAccounts = 20

// planEffect is the answer of GET /api/admin/plans/effect.
type planEffect struct {
	// Users is how many accounts have the plan.
	Users int64 `json:"users"`
	// Over counts those that use more than a new limit, by the limit's name.
	Over map[string]int64 `json:"over"`
	// Accounts are some of those, by name.
	Accounts []overAccount `json:"accounts"`
}

type overAccount struct {
	ID       string   `json:"id"`
	Username string   `json:"username"`
	Over     []string `json:"over"`
}

// PlanEffect tells what a change of a plan's limits would do, from the very
// figures that calls are held to.
type PlanEffect struct {
	Accounts   authv1.AdminServiceClient
	Workspaces idev1.WorkspaceAdminServiceClient
	Usage      aiv1.UsageAdminServiceClient
}

// used is what an account uses of each limit, by the limit's name.
type used map[string]float64

// ServeHTTP reads the plan as PUT /api/admin/plans has it, from the query.
func (p PlanEffect) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	effect, err := p.effect(r)
	if err != nil {
		problem.Write(w, r, err)
		return
	}
	writeJSON(w, effect)
}

func (p PlanEffect) effect(r *http.Request) (planEffect, error) {
	if _, err := principal.SignedIn(r.Context()); err != nil {
		return planEffect{}, err
	}
	// Who may ask is the auth service's to say, before what is asked is looked at.
	if _, err := p.Accounts.ListPlans(r.Context(), &authv1.ListPlansRequest{}); err != nil {
		return planEffect{}, err
	}
	var plan authv1.Plan
	if err := readQuery(r, &plan); err != nil {
		return planEffect{}, err
	}
	if plan.GetName() == "" || len(plan.GetName()) > 50 {
		return planEffect{}, apperr.Invalid("name", "must be a plan's name")
	}
	limits := newLimits(r, &plan)
	uses, err := p.uses(r.Context(), limits)
	if err != nil {
		return planEffect{}, err
	}
	effect := planEffect{Over: map[string]int64{}, Accounts: []overAccount{}}
	for name := range limits {
		effect.Over[name] = 0
	}
	question := &authv1.ListUsersRequest{Plan: plan.GetName(), PageSize: exportPage}
	for {
		page, err := p.Accounts.ListUsers(r.Context(), question)
		if err != nil {
			return planEffect{}, err
		}
		for _, user := range page.GetUsers() {
			effect.add(user, uses[user.GetId()], limits)
		}
		if question.PageToken = page.GetNextPageToken(); question.GetPageToken() == "" {
			break
		}
	}
	slices.SortFunc(effect.Accounts, func(a, b overAccount) int { return cmp.Compare(a.Username, b.Username) })
	return effect, nil
}

func (e *planEffect) add(user *authv1.User, u, limits used) {
	e.Users++
	var over []string
	for name, limit := range limits {
		if u[name] > limit {
			e.Over[name]++
			over = append(over, name)
		}
	}
	if len(over) > 0 && len(e.Accounts) < shownAccounts {
		slices.Sort(over)
		e.Accounts = append(e.Accounts, overAccount{ID: user.GetId(), Username: user.GetUsername(), Over: over})
	}
}

// newLimits are those that the query names; unlimited ones are none.
func newLimits(r *http.Request, plan *authv1.Plan) used {
	all := used{}
	for name, limit := range map[string]float64{
		"aiTokensMonthly": float64(plan.GetAiTokensMonthly()), "ideSecondsMonthly": float64(plan.GetIdeSecondsMonthly()),
		"workspaces": float64(plan.GetWorkspaces()), "monthlyBudgetUsd": plan.GetMonthlyBudgetUsd(),
	} {
		if r.URL.Query().Has(name) && limit >= 0 {
			all[name] = limit
		}
	}
	return all
}

// uses asks what accounts use of those limits; one that is absent uses nothing.
func (p PlanEffect) uses(ctx context.Context, limits used) (map[string]used, error) {
	all := map[string]used{}
	of := func(id string) used {
		if all[id] == nil {
			all[id] = used{}
		}
		return all[id]
	}
	_, tokens := limits["aiTokensMonthly"]
	_, budget := limits["monthlyBudgetUsd"]
	question := &aiv1.ListAllUsageRequest{GroupBy: "user", PageSize: exportPage}
	for more := tokens || budget; more; more = question.GetPageToken() != "" {
		page, err := p.Usage.ListAllUsage(ctx, question)
		if err != nil {
			return nil, err
		}
		for _, g := range page.GetGroups() {
			u := of(g.GetKey())
			u["aiTokensMonthly"], u["monthlyBudgetUsd"] = float64(g.GetAllowance().GetTokensUsed()), g.GetAllowance().GetUsedUsd()
		}
		question.PageToken = page.GetNextPageToken()
	}
	_, seconds := limits["ideSecondsMonthly"]
	_, workspaces := limits["workspaces"]
	if seconds || workspaces {
		list, err := p.Workspaces.ListWorkspaceUse(ctx, &idev1.ListWorkspaceUseRequest{})
		if err != nil {
			return nil, err
		}
		for _, a := range list.GetAccounts() {
			u := of(a.GetUserId())
			u["ideSecondsMonthly"], u["workspaces"] = float64(a.GetSeconds()), float64(a.GetWorkspaces())
		}
	}
	return all, nil
}
