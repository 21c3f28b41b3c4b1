package principal

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
)

// Kind is what sort of caller a principal is.
type Kind string

// The kinds of caller.
const (
	Anonymous Kind = "anonymous"
	User      Kind = "user"
	Service   Kind = "service"
)

// RoleAdmin is the role that may administrate the deployment.
const RoleAdmin = "admin"

// Principal is a caller.
type Principal struct {
	Kind      Kind
	UserID    uuid.UUID
	SessionID uuid.UUID
	Username  string
	Roles     []string
	// Scopes limits an API token; nil, as a browser session has it, is all.
	Scopes []string
	Plan   Plan
	// MustChangePassword is true while the caller's password is one that was
	// made up for them; nothing else is open to them then.
	MustChangePassword bool
	Client             Client
}

// Plan is what the caller's account may use; -1 is unlimited.
type Plan struct {
	Name              string
	AITokensMonthly   int64
	IDESecondsMonthly int64
	StorageBytes      int64
	CPUMillis         int64
	MemoryBytes       int64
	Workspaces        int64
	// Isolation is directory, docker, gvisor or kubernetes; empty is the
	// deployment's default.
	Isolation string
	// AIBudgetMonthly is what a calendar month's AI calls may cost, in millionths
	// of a dollar.
	AIBudgetMonthly int64
}

// Client is where a call came from, as the gateway saw it.
type Client struct {
	// Address is an IP address without a port.
	Address   string
	UserAgent string
	RequestID string
}

// HasRole reports whether the caller holds a role.
func (p Principal) HasRole(role string) bool { return slices.Contains(p.Roles, role) }

// IsToken reports whether the caller uses an API token. SessionID is then the
// token's id.
func (p Principal) IsToken() bool { return p.Scopes != nil }

// HasScope reports whether the caller may use what the scope covers.
func (p Principal) HasScope(scope string) bool {
	return scope == "" || p.Scopes == nil || slices.Contains(p.Scopes, scope)
}

// WithinWorkspace is a scope limited to one workspace, as its own token holds it.
func WithinWorkspace(scope string, workspace uuid.UUID) string {
	return scope + ":" + workspace.String()
}

// Within gives the workspace that the caller is limited to in what a scope
// covers; ok is false for a caller who holds the scope whole, or not at all.
func (p Principal) Within(scope string) (workspace uuid.UUID, ok bool) {
	if p.HasScope(scope) {
		return uuid.Nil, false
	}
	for _, held := range p.Scopes {
		if text, found := strings.CutPrefix(held, scope+":"); found {
			if workspace, err := uuid.Parse(text); err == nil {
				return workspace, true
			}
		}
	}
	return uuid.Nil, false
}

type contextKey struct{}

// With returns a context that carries p.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From gives the caller, if the context carries one.
func From(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(contextKey{}).(Principal)
	return p, ok
}

// ErrUnauthenticated refuses a caller who is not signed in.
var ErrUnauthenticated = apperr.New(apperr.Unauthenticated, "UNAUTHENTICATED", "You are not signed in.")

// ErrMadeUpPassword refuses whatever takes a password that its holder chose.
var ErrMadeUpPassword = apperr.New(apperr.PermissionDenied, "PASSWORD_CHANGE_REQUIRED", "Your password was made up for you. Replace it first.")

// SignedIn gives the caller when it is a signed-in user, else ErrUnauthenticated.
func SignedIn(ctx context.Context) (Principal, error) {
	p, ok := From(ctx)
	if !ok || p.Kind != User {
		return Principal{}, ErrUnauthenticated
	}
	return p, nil
}
