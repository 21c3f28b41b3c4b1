package grpcapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	aiv1 "atrium.internal/proto/gen/atrium/ai/v1"
	"atrium.internal/proto/usd"
	"atrium.internal/services/ai/internal/alert"
	"atrium.internal/services/ai/internal/generate"
	"atrium.internal/services/ai/internal/ledger"
	"atrium.internal/services/ai/internal/tariff"
)

// The names of the lists in their page tokens.
const (
	sumList   = "usage by "
	entryList = "usage entries"
)

// AdminBook tells of everybody's usage, and corrects it; see ledger.Book.
type AdminBook interface {
	Overview(ctx context.Context, f ledger.SumFilter, by ledger.GroupBy, after *ledger.SumCursor, limit int) ([]ledger.Usage, *ledger.SumCursor, error)
	Total(ctx context.Context, f ledger.SumFilter) (ledger.Group, error)
	Whole(ctx context.Context) (used, budget int64, resets time.Time, err error)
	Entries(ctx context.Context, f ledger.EntryFilter, after ledger.EntryCursor, limit int) ([]ledger.Entry, *ledger.EntryCursor, error)
	Correct(ctx context.Context, c ledger.Correction) (ledger.Entry, error)
	ThisMonth() time.Time
}

// Alerts lists a month's; see alert.Store.
type Alerts interface {
	List(ctx context.Context, month time.Time) ([]alert.Listed, error)
}

// Providers tells how the deployment's providers do; see generate.Catalog.
type Providers interface {
	Providers() []generate.ProviderState
}

// Checker really asks a provider; see generate.Generator.
type Checker interface {
	Check(ctx context.Context, provider string) (generate.Checked, error)
}

// Admin serves aiv1.UsageAdminService.
type Admin struct {
	aiv1.UnimplementedUsageAdminServiceServer
	book   AdminBook
	alerts Alerts
	known  Providers
	asks   Checker
	pages  *page.Codec
}

// NewAdmin makes the server of UsageAdminService.
func NewAdmin(book AdminBook, alerts Alerts, known Providers, asks Checker, pages *page.Codec) *Admin {
	return &Admin{book: book, alerts: alerts, known: known, asks: asks, pages: pages}
}

// ListProviders tells how the providers do.
func (a *Admin) ListProviders(context.Context, *aiv1.ListProvidersRequest) (*aiv1.ListProvidersResponse, error) {
	answer := &aiv1.ListProvidersResponse{}
	for _, p := range a.known.Providers() {
		answer.Providers = append(answer.Providers, &aiv1.ProviderState{
			Name: p.Name, State: string(p.State), Attempts: int32(p.Attempts), Failures: int32(p.Failures), Models: p.Models,
		})
	}
	return answer, nil
}

// CheckProvider asks a provider for a few tokens.
func (a *Admin) CheckProvider(ctx context.Context, req *aiv1.CheckProviderRequest) (*aiv1.CheckProviderResponse, error) {
	found, err := a.asks.Check(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	answer := &aiv1.CheckProviderResponse{
		Works: found.Err == nil, Model: found.Model, FirstPieceMs: found.FirstPiece.Milliseconds(),
		InputTokens: found.Tokens.Input, OutputTokens: found.Tokens.Output,
	}
	if found.Err != nil {
		refusal := apperr.From(found.Err)
		answer.Reason, answer.Problem = refusal.Reason, refusal.Message
	}
	return answer, nil
}

// ListAllUsage sums everybody's usage. Budget and alerts come with the first page.
func (a *Admin) ListAllUsage(ctx context.Context, req *aiv1.ListAllUsageRequest) (*aiv1.ListAllUsageResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	by := ledger.ByUser
	if req.GetGroupBy() != "" {
		by = ledger.GroupBy(req.GetGroupBy())
	}
	list := sumList + string(by)
	var after *ledger.SumCursor
	if err := a.pages.Decode(req.GetPageToken(), caller.UserID, list, &after); err != nil {
		return nil, err
	}
	filter := ledger.SumFilter{From: a.book.ThisMonth(), User: parsed(req.GetUserId()), Model: req.GetModel(), To: timeOf(req.GetTo())}
	if req.GetFrom() != nil {
		filter.From = req.GetFrom().AsTime()
	}
	if !filter.To.IsZero() && filter.To.Before(filter.From) {
		return nil, apperr.Invalid("to", "is before from")
	}
	groups, next, err := a.book.Overview(ctx, filter, by, after, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &aiv1.ListAllUsageResponse{}
	for _, g := range groups {
		resp.Groups = append(resp.Groups, sumMessage(g))
	}
	if next != nil {
		resp.NextPageToken = a.pages.Encode(caller.UserID, list, next)
	}
	total, err := a.book.Total(ctx, filter)
	if err != nil {
		return nil, err
	}
	resp.Total = sumMessage(ledger.Usage{Group: total})
	return resp, a.addMonth(ctx, resp)
}

// addMonth adds how the deployment's month stands.
func (a *Admin) addMonth(ctx context.Context, resp *aiv1.ListAllUsageResponse) error {
	used, budget, resets, err := a.book.Whole(ctx)
	if err != nil {
		return err
	}
	resp.Budget = &aiv1.DeploymentBudget{UsedUsd: usd.Dollars(used), LimitUsd: *usd.WriteBudget(budget), ResetsAt: timestamppb.New(resets)}
	alerts, err := a.alerts.List(ctx, a.book.ThisMonth())
	for _, l := range alerts {
		resp.Alerts = append(resp.Alerts, alertMessage(l))
	}
	return err
}

func sumMessage(u ledger.Usage) *aiv1.UsageSum {
	m := &aiv1.UsageSum{
		Key: u.Key, Username: u.Username, Requests: u.Requests, InputTokens: u.Input, OutputTokens: u.Output, CostUsd: tariff.Dollars(u.CostMicroUSD),
	}
	if al := u.Allowance; al != nil {
		m.Allowance = &aiv1.Allowance{
			Plan: al.Plan, TokensUsed: al.Used.Tokens, TokensLimit: al.TokensLimit,
			UsedUsd: tariff.Dollars(al.Used.CostMicroUSD), LimitUsd: *usd.WriteBudget(al.BudgetMicros),
		}
	}
	return m
}

func alertMessage(l alert.Listed) *aiv1.BudgetAlert {
	m := &aiv1.BudgetAlert{
		Username: l.Username, Kind: string(l.Kind), Percent: int32(l.Percent), Used: float64(l.Used), Limit: float64(l.Limit),
		RaisedAt: timestamppb.New(l.RaisedAt),
	}
	if l.UserID != nil {
		m.UserId = l.UserID.String()
	}
	if l.Kind == alert.Budget {
		m.Used, m.Limit = tariff.Dollars(l.Used), tariff.Dollars(l.Limit)
	}
	for _, d := range l.Deliveries {
		m.Deliveries = append(m.Deliveries, &aiv1.AlertDelivery{
			Channel: string(d.Channel), Status: string(d.Status), Attempts: int32(d.Attempts), Reason: d.Reason,
		})
	}
	return m
}

// ListUsageEntries gives a page of the ledger.
func (a *Admin) ListUsageEntries(ctx context.Context, req *aiv1.ListUsageEntriesRequest) (*aiv1.ListUsageEntriesResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	var after ledger.EntryCursor
	if err := a.pages.Decode(req.GetPageToken(), caller.UserID, entryList, &after); err != nil {
		return nil, err
	}
	filter := ledger.EntryFilter{
		User: parsed(req.GetUserId()), Request: parsed(req.GetRequestId()), Model: req.GetModel(), From: timeOf(req.GetFrom()), To: timeOf(req.GetTo()),
	}
	entries, next, err := a.book.Entries(ctx, filter, after, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &aiv1.ListUsageEntriesResponse{}
	for _, e := range entries {
		resp.Entries = append(resp.Entries, entryMessage(e))
	}
	if next != nil {
		resp.NextPageToken = a.pages.Encode(caller.UserID, entryList, next)
	}
	return resp, nil
}

// CorrectUsage adds a correction.
func (a *Admin) CorrectUsage(ctx context.Context, req *aiv1.CorrectUsageRequest) (*aiv1.UsageEntry, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	entry, err := a.book.Correct(ctx, ledger.Correction{
		UserID: parsed(req.GetUserId()), Request: parsed(req.GetRequestId()),
		Tokens:       tariff.Tokens{Input: req.GetInputTokens(), Output: req.GetOutputTokens()},
		CostMicroUSD: usd.Micro(req.GetCostUsd()), Reason: req.GetReason(), By: caller.UserID,
	})
	if err != nil {
		return nil, err
	}
	return entryMessage(entry), nil
}

func entryMessage(e ledger.Entry) *aiv1.UsageEntry {
	m := &aiv1.UsageEntry{
		Id: e.ID.String(), UserId: e.UserID.String(), Username: e.Username, RequestId: e.RequestID.String(),
		Attempt: int32(e.Attempt), Provider: e.Provider, Model: e.Model, Source: e.Source, Status: e.Status,
		InputTokens: e.Tokens.Input, OutputTokens: e.Tokens.Output, CacheReadTokens: e.Tokens.CacheRead, CacheWriteTokens: e.Tokens.CacheWrite,
		CostUsd: tariff.Dollars(e.CostMicroUSD), CountedBy: string(e.CountedBy), CreatedAt: timestamppb.New(e.CreatedAt), Reason: e.Why,
	}
	if e.Source == ledger.SourceCorrection {
		m.RequestId = ""
		if e.Corrects != uuid.Nil {
			m.RequestId = e.Corrects.String()
		}
	}
	if e.By != uuid.Nil {
		m.CorrectedBy = e.By.String()
	}
	return m
}

// parsed reads an id that the contract has checked; empty is none.
func parsed(text string) uuid.UUID {
	id, _ := uuid.Parse(text)
	return id
}

func timeOf(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}
