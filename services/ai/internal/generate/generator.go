package generate

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"

	"github.com/google/uuid"

	"atrium.internal/pkg/principal"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// Ledger is what a call needs of the book of tokens; see ledger.Book.
type Ledger interface {
	Reserve(ctx context.Context, h ledger.Hold) (ledger.Reservation, error)
	ReserveNew(ctx context.Context, h ledger.Hold) (ledger.Reservation, error)
	Refused(r ledger.Reservation, failure string)
	Retry(ctx context.Context, failed ledger.Reservation, by ledger.By) (ledger.Reservation, error)
	Again(ctx context.Context, failed ledger.Reservation, by ledger.By) (ledger.Reservation, error)
	Settle(ctx context.Context, r ledger.Reservation, o ledger.Outcome) (costMicroUSD int64, err error)
	Touch(ctx context.Context, alive []ledger.Progress) error
}

// Sink takes the events of one answer, in order. An error ends the call.
type Sink interface {
	// Started comes with the first text, when it is sure who answers; not at
	// all when nobody does.
	Started(Started) error
	Piece(Piece) error
	// Usage comes once, after the last text, if anything was used; also when
	// the call then ends with an error.
	Usage(Usage) error
	// Done comes last, if the answer came to its end.
	Done(reason StopReason, sequence string) error
}

// Started tells who answers.
type Started struct {
	RequestID, Model, Provider string
	// Prompt is what went in, as far as it is known by now.
	Prompt Usage
}

// Usage is what the ledger entered.
type Usage struct {
	Tokens       tariff.Tokens
	CostMicroUSD int64
	CountedBy    ledger.CountedBy
}

// Options are a generator's rules.
type Options struct {
	// MaxTokens bounds an answer when the request does not.
	MaxTokens int64
	Limits    Limits
	Retry     Retry
	// Observer is told how it goes; nil tells nobody.
	Observer Observer
}

// Generator answers requests.
type Generator struct {
	catalog  *Catalog
	ledger   Ledger
	options  Options
	log      *slog.Logger
	inflight *inflight
}

// New makes a generator over a filled catalogue.
func New(catalog *Catalog, book Ledger, options Options, log *slog.Logger) *Generator {
	if options.Observer == nil {
		options.Observer = unobserved{}
	}
	return &Generator{catalog: catalog, ledger: book, options: options, log: log, inflight: newInflight()}
}

// Run answers one request of the signed-in caller. It returns when the answer
// has ended and the ledger has it.
func (g *Generator) Run(ctx context.Context, req Request, sink Sink) error {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return err
	}
	reserve := g.ledger.Reserve
	if req.ID == uuid.Nil {
		reserve = g.ledger.ReserveNew
	}
	if err := req.check(); err != nil {
		return err
	}
	model, err := g.catalog.find(req.Model)
	if err != nil {
		return err
	}
	routes, err := model.open()
	if err != nil {
		return err
	}
	return g.run(ctx, order{caller: caller, Request: req, model: model, routes: routes, reserve: reserve}, sink)
}

// order is a request in order: by whom, and by which routes it may be answered.
type order struct {
	Request
	caller  principal.Principal
	model   Model
	routes  []Route
	reserve func(context.Context, ledger.Hold) (ledger.Reservation, error)
}

func (g *Generator) run(ctx context.Context, o order, sink Sink) error {
	caller, req, model, routes := o.caller, o.Request, o.model, o.routes
	call := g.call(req, model)
	ctx, run, leave, err := g.inflight.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	reservation, err := within(ctx, o.reserve, ledger.Hold{
		UserID: caller.UserID, RequestID: req.ID, By: routes[0].by(), Model: model.ID, Source: req.Source,
		Username: caller.Username, Plan: caller.Plan.Name,
		Input: req.promptEstimate(), MaxOutput: call.MaxTokens, Limit: caller.Plan.AITokensMonthly, Budget: caller.Plan.AIBudgetMonthly,
		Others: prices(routes[1:]),
	})
	if err != nil {
		return err
	}
	run.reservation.Store(&reservation)

	report, err := g.attempts(ctx, routes, call, run, sink)
	err = g.verdict(ctx, err)
	if run.entered { // with the attempt before, and there was no room for another
		return err
	}
	usage, used := g.settle(ctx, run, outcomeOf(*run.reservation.Load(), run, report, err))
	if used {
		if sendErr := sink.Usage(usage); err == nil {
			err = sendErr
		}
	}
	if err != nil {
		return err
	}
	return sink.Done(report.StopReason, report.StopSequence)
}

// call is the request as the provider gets it.
func (g *Generator) call(req Request, model Model) Call {
	call := Call{
		Model: model.ID, System: req.System, Messages: req.Messages, Tools: req.Tools, Choice: req.Choice,
		MaxTokens: req.MaxTokens, Temperature: req.Temperature, TopP: req.TopP, TopK: req.TopK,
		StopSequences: req.StopSequences, Thought: req.Thought,
		Continues: req.continues(), Source: req.Source,
	}
	if call.MaxTokens == 0 {
		call.MaxTokens = g.options.MaxTokens
	}
	if req.ResponseSchema != "" {
		_ = json.Unmarshal([]byte(req.ResponseSchema), &call.Schema) // checked before
	}
	return call
}

// verdict turns the end of a call's context into the platform's words.
func (g *Generator) verdict(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(context.Cause(ctx), ErrShuttingDown):
		return ErrShuttingDown
	case ctx.Err() != nil:
		return ErrCanceled
	}
	return err
}
