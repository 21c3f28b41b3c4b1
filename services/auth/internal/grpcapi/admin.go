package grpcapi

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/admin"
	"atrium.internal/services/auth/internal/auditlog"
)

// The names of the lists in their page tokens.
const (
	userList  = "users"
	auditList = "audit"
)

// Admin serves authv1.AdminService.
type Admin struct {
	authv1.UnimplementedAdminServiceServer
	users *admin.Users
	plans *admin.Plans
	log   *auditlog.Log
	pages *page.Codec
}

// NewAdmin makes the server of AdminService.
func NewAdmin(users *admin.Users, plans *admin.Plans, log *auditlog.Log, pages *page.Codec) *Admin {
	return &Admin{users: users, plans: plans, log: log, pages: pages}
}

// summaryDays is how many days back accounts are counted by the day they were made.
const summaryDays = 30

// SummarizeAccounts counts accounts.
func (a *Admin) SummarizeAccounts(ctx context.Context, _ *authv1.SummarizeAccountsRequest) (*authv1.SummarizeAccountsResponse, error) {
	sum, err := a.users.Summarize(ctx, summaryDays)
	if err != nil {
		return nil, err
	}
	answer := &authv1.SummarizeAccountsResponse{Total: sum.Total, Active: sum.Active, Suspended: sum.Suspended}
	for _, d := range sum.Days {
		answer.Registrations = append(answer.Registrations, &authv1.DayCount{Day: d.Day.Format(time.DateOnly), Count: d.Made})
	}
	return answer, nil
}

// ListUsers gives a page of all accounts.
func (a *Admin) ListUsers(ctx context.Context, req *authv1.ListUsersRequest) (*authv1.ListUsersResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	var before uuid.UUID
	if err := a.pages.Decode(req.GetPageToken(), caller.UserID, userList, &before); err != nil {
		return nil, err
	}
	filter := admin.Filter{Text: req.GetQ(), Role: req.GetRole(), Plan: req.GetPlan(), Active: req.Active}
	users, next, err := a.users.List(ctx, filter, before, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &authv1.ListUsersResponse{}
	for _, u := range users {
		shown, err := administered(u)
		if err != nil {
			return nil, err
		}
		resp.Users = append(resp.Users, shown)
	}
	if next != nil {
		resp.NextPageToken = a.pages.Encode(caller.UserID, userList, next)
	}
	return resp, nil
}

// GetUser gives an account.
func (a *Admin) GetUser(ctx context.Context, req *authv1.GetUserRequest) (*authv1.User, error) {
	id, err := uuid.Parse(req.GetId())
	if err != nil {
		return nil, account.ErrNotFound
	}
	user, err := a.users.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return administered(user)
}

// UpdateUser changes an account's roles, plan or state, or resets its second factor.
func (a *Admin) UpdateUser(ctx context.Context, req *authv1.UpdateUserRequest) (*authv1.User, error) {
	caller, id, err := actorAndTarget(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	user, err := a.users.Update(ctx, caller.UserID, id, admin.Change{
		Roles: req.GetRoles(), Plan: req.Plan, Active: req.IsActive,
		NoTOTP: req.TotpEnabled != nil, // the contract allows for false alone
	})
	if err != nil {
		return nil, err
	}
	return administered(user)
}

// DeleteUser deletes an account.
func (a *Admin) DeleteUser(ctx context.Context, req *authv1.DeleteUserRequest) (*authv1.DeleteUserResponse, error) {
	caller, id, err := actorAndTarget(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &authv1.DeleteUserResponse{}, a.users.Delete(ctx, caller.UserID, id)
}

// RevokeUserSessions signs every device of an account out.
func (a *Admin) RevokeUserSessions(ctx context.Context, req *authv1.RevokeUserSessionsRequest) (*authv1.RevokeUserSessionsResponse, error) {
	caller, id, err := actorAndTarget(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return &authv1.RevokeUserSessionsResponse{}, a.users.RevokeSessions(ctx, caller.UserID, id)
}

func actorAndTarget(ctx context.Context, target string) (principal.Principal, uuid.UUID, error) {
	return actorAnd(ctx, target, account.ErrNotFound)
}

// actorAnd gives the caller and the id of a thing; missing is the answer for
// what is no id.
func actorAnd(ctx context.Context, thing string, missing error) (principal.Principal, uuid.UUID, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return caller, uuid.Nil, err
	}
	id, err := uuid.Parse(thing)
	if err != nil {
		return caller, uuid.Nil, missing
	}
	return caller, id, nil
}

// administered is an account as an administrator sees it: without the settings,
// which are the holder's own business.
func administered(u account.User) (*authv1.User, error) {
	u.Settings = nil
	return userMessage(u)
}
