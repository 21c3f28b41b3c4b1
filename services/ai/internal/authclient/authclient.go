// Package authclient has the auth service send mail about alerts: it knows the
// addresses and has the mail server.
package authclient

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/apperr"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/ai/internal/alert"
)

// mailOff is the auth service's reason where there is no mail server.
const mailOff = "MAIL_OFF"

// Mail implements alert.Sender.
type Mail struct{ Client authv1.AuthServiceClient }

// Send has an alert mailed: to the account that it is about, or to the administrators.
func (m Mail) Send(ctx context.Context, a alert.Alert) error {
	request := &authv1.SendBudgetAlertRequest{
		Kind: string(a.Kind), Percent: int32(a.Percent), Used: a.Used, Limit: a.Limit,
		ResetsAt: timestamppb.New(a.ResetsAt()),
	}
	if a.UserID != nil {
		request.UserId = a.UserID.String()
	}
	_, err := m.Client.SendBudgetAlert(ctx, request)
	if err == nil {
		return nil
	}
	reason := apperr.From(err).Reason
	if reason == mailOff {
		return alert.ErrOff
	}
	return &alert.SendError{Reason: reason, Cause: err}
}
