package ledger

import (
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/ai/internal/tariff"
)

// By is who runs an attempt, and for what price.
type By struct {
	Provider string
	Price    tariff.Price
}

// Hold is what a call may use at most, before it is made.
type Hold struct {
	UserID    uuid.UUID
	RequestID uuid.UUID
	By
	// Username and Plan are for those who look at the ledger.
	Username, Plan string
	// Model is the platform's name of it, whatever the provider's is.
	Model string
	// Source is what the call is for, such as "chat" or "ide.explain".
	Source string
	// Input is the prompt's estimate, MaxOutput the answer's bound, in tokens.
	Input, MaxOutput int64
	// Limit is the plan's tokens for a calendar month; negative is unlimited.
	Limit int64
	// Budget is what the plan lets a calendar month cost, in micro-dollars;
	// negative is unlimited.
	Budget int64
	// Others are the prices of those who may run it when By can't.
	Others []tariff.Price
}

// CostEstimate is what the hold takes from the budgets until it is settled: what
// the dearest of those who may run it would take, in micro-dollars.
func (h Hold) CostEstimate() int64 {
	most := int64(0)
	for _, price := range append([]tariff.Price{h.Price}, h.Others...) {
		price.Input = max(price.Input, price.CacheRead, price.CacheWrite)
		most = max(most, price.Cost(tariff.Tokens{Input: h.Input, Output: h.MaxOutput}))
	}
	return most
}

// Estimate is what the hold takes from the plan until it is settled.
func (h Hold) Estimate() int64 { return h.Input + h.MaxOutput }

// Reservation is an open entry: one attempt of a call.
type Reservation struct {
	Hold
	ID        uuid.UUID
	Attempt   int
	CreatedAt time.Time
}

// CountedBy is whose figures an entry has.
type CountedBy string

// The two counters.
const (
	ByProvider CountedBy = "provider"
	Estimated  CountedBy = "estimated"
)

// Outcome is how an attempt that ended a call came out.
type Outcome struct {
	Tokens    tariff.Tokens
	CountedBy CountedBy
	// Released says that the provider did no work: nothing is charged.
	Released bool
	// Failure is the reason of the error that ended the call; empty is success,
	// or, of what was released, a call that goes on with another attempt.
	Failure string
}

// Settlement is an outcome as the store enters it.
type Settlement struct {
	Reservation
	Outcome
	CostMicroUSD int64
	// Client is where the call came from; a journal does not keep it.
	Client principal.Client
	// Swept says that the sweep closed the entry, not the call itself.
	Swept bool
	At    time.Time
}

// EventType is the settlement's name in the audit log.
func (s Settlement) EventType() string {
	switch s.Source {
	case "ide.complete":
		return "ai.code.complete"
	case "ide.explain":
		return "ai.code.explain"
	case "ide.debug":
		return "ai.code.debug"
	case "ide.refactor":
		return "ai.code.refactor"
	case "ide.tests":
		return "ai.code.tests"
	case "ide.docs":
		return "ai.code.docs"
	case "ide.commit":
		return "ai.code.commit"
	}
	return "ai.chat"
}

// Progress is how far an attempt has come that is still running.
type Progress struct {
	ID uuid.UUID
	// Output is the answer's estimate so far, in tokens.
	Output int64
	// Prompt is what went in, once the provider has counted it.
	Prompt tariff.Tokens
}
