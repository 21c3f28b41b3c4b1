package grpcapi

import (
	"context"

	"github.com/google/uuid"

	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/notice"
)

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
