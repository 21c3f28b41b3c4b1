package admin

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/principal"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

// maxLimit is the largest limit that programs with floating-point numbers
// still read exactly.
const maxLimit = 1<<53 - 1

var planName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,49}$`)

// isolations are those that a plan may name; empty is the deployment's default.
var isolations = []string{"", "directory", "docker", "gvisor", "kubernetes"}

// PlanSummary is a plan and how many accounts have it.
type PlanSummary struct {
	Plan  principal.Plan
	Users int64
}

// PlanStore keeps plans.
type PlanStore interface {
	// ListPlans gives all plans by name.
	ListPlans(ctx context.Context) ([]PlanSummary, error)
	// PutPlans replaces the plans of these names and adds those that are new,
	// unless allow objects, with an audit row for each that changed. It gives
	// the sessions and API tokens, of those lately used, that a change concerns.
	PutPlans(ctx context.Context, by uuid.UUID, plans []principal.Plan, allow func(account.Standing) error) ([]session.Ended, error)
}

// Plans administrates plans.
type Plans struct {
	store    PlanStore
	notifier Notifier
}

// NewPlans makes the rules' keeper.
func NewPlans(store PlanStore, notifier Notifier) *Plans {
	return &Plans{store: store, notifier: notifier}
}

// List gives all plans by name.
func (p *Plans) List(ctx context.Context) ([]PlanSummary, error) { return p.store.ListPlans(ctx) }

// Put replaces the plans it names and adds new ones, and gives all plans. New
// limits hold from the next call on.
func (p *Plans) Put(ctx context.Context, by uuid.UUID, plans []principal.Plan) ([]PlanSummary, error) {
	for i, plan := range plans {
		if err := checkPlan(fmt.Sprintf("plans[%d]", i), plan); err != nil {
			return nil, err
		}
		if slices.ContainsFunc(plans[:i], func(other principal.Plan) bool { return other.Name == plan.Name }) {
			return nil, apperr.Invalid(fmt.Sprintf("plans[%d].name", i), "is there twice")
		}
	}
	held, err := p.store.PutPlans(ctx, by, plans, account.Standing.CheckAdmin)
	if err != nil {
		return nil, err
	}
	if len(held) > 0 {
		p.notifier.Changed(ctx, held, false)
	}
	return p.store.ListPlans(ctx)
}

func checkPlan(field string, p principal.Plan) error {
	if !planName.MatchString(p.Name) {
		return apperr.Invalid(field+".name", "must be 1 to 50 small letters, digits, dashes or underscores")
	}
	if !slices.Contains(isolations, p.Isolation) {
		return apperr.Invalid(field+".isolation", "must be directory, docker, gvisor, kubernetes or empty")
	}
	for _, limit := range []struct {
		name  string
		value int64
	}{
		{"aiTokensMonthly", p.AITokensMonthly},
		{"ideSecondsMonthly", p.IDESecondsMonthly},
		{"storageBytes", p.StorageBytes},
		{"cpuMillis", p.CPUMillis},
		{"memoryBytes", p.MemoryBytes},
		{"workspaces", p.Workspaces},
	} {
		if limit.value < -1 || limit.value > maxLimit {
			return apperr.Invalid(field+"."+limit.name, fmt.Sprintf("must be -1, for unlimited, or 0 to %d", int64(maxLimit)))
		}
	}
	if p.AIBudgetMonthly < -1 {
		return apperr.Invalid(field+".monthlyBudgetUsd", "must be -1, for unlimited, or 0 dollars or more")
	}
	return nil
}
