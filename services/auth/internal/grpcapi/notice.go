package grpcapi

import (
	"context"

	"github.com/google/uuid"

	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/notice"
)

// SendDormancyNotice mails that a workspace is going to be deleted.
func (a *Auth) SendDormancyNotice(ctx context.Context, req *authv1.SendDormancyNoticeRequest) (*authv1.SendDormancyNoticeResponse, error) {
	user, err := uuid.Parse(req.GetUserId())
	if err != nil {
		return nil, account.ErrNotFound
	}
	return &authv1.SendDormancyNoticeResponse{}, a.notices.Dormancy(ctx, notice.Dormancy{
		User: user, Workspace: req.GetWorkspace(), UsedAt: req.GetUsedAt().AsTime(), DeletedAt: req.GetDeletedAt().AsTime(),
	})
}

// SendBudgetAlert mails that a part of a month's allowance is used.
func (a *Auth) SendBudgetAlert(ctx context.Context, req *authv1.SendBudgetAlertRequest) (*authv1.SendBudgetAlertResponse, error) {
	b := notice.Budget{
		Money: req.GetKind() == "budget", Percent: req.GetPercent(), Used: req.GetUsed(), Limit: req.GetLimit(),
		ResetsAt: req.GetResetsAt().AsTime(),
	}
	if req.GetUserId() != "" {
		user, err := uuid.Parse(req.GetUserId())
		if err != nil {
			return nil, account.ErrNotFound
		}
		b.User = user
	}
	return &authv1.SendBudgetAlertResponse{}, a.notices.Budget(ctx, b)
}
