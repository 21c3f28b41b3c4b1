package auth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth"
)

func TestWhoIsConcernedIsToldOfABudget(t *testing.T) {
	h, server := openWithMail(t)
	ada := h.register("ada")
	june := timestamppb.New(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
	_, err := h.auth.SendBudgetAlert(h.gateway(), &authv1.SendBudgetAlertRequest{
		UserId: ada.user.GetId(), Kind: "tokens", Percent: 80, Used: 80_123, Limit: 100_000, ResetsAt: june,
	})
	require.NoError(t, err)
	mail := server.wait(1)[0]
	require.Equal(t, "ada@example.org", mail.to)
	require.Equal(t, "80 % of your AI tokens is used", mail.subject)
	require.Contains(t, mail.text, "80,123 of 100,000")
	require.Contains(t, mail.text, "1 June 2026 (UTC)")
	require.Contains(t, mail.text, publicURL+"/settings#usage")

	_, err = h.auth.SendBudgetAlert(h.gateway(), &authv1.SendBudgetAlertRequest{Kind: "budget", Percent: 100, Used: 250_000_000, Limit: 250_000_000, ResetsAt: june})
	require.NoError(t, err)
	mail = server.wait(2)[1]
	require.Equal(t, "admin@atrium.localhost", mail.to, "everybody's budget is the administrators' to know")
	require.Contains(t, mail.text, "$250.00 of $250.00")
	require.Contains(t, mail.text, "refused until")

	h.exec(`UPDATE auth.users SET is_active = false WHERE username = 'ada'`)
	_, err = h.auth.SendBudgetAlert(h.gateway(), &authv1.SendBudgetAlertRequest{UserId: ada.user.GetId(), Kind: "tokens", Percent: 100, ResetsAt: june})
	require.NoError(t, err, "nobody to tell")
	server.wait(2)
	server.setRefuse(true)
	_, err = h.auth.SendBudgetAlert(h.gateway(), &authv1.SendBudgetAlertRequest{Kind: "budget", Percent: 50, ResetsAt: june})
	require.Equal(t, "MAIL_FAILED", reason(t, err), "whoever asked is to ask again")
	_, err = h.auth.SendBudgetAlert(ada.ctx, &authv1.SendBudgetAlertRequest{Kind: "budget", Percent: 50, ResetsAt: june})
	require.Error(t, err, "no user sends mail")
}

func TestAnOwnerIsToldOfADormantWorkspace(t *testing.T) {
	h, server := openWithMail(t)
	ada := h.register("ada")
	request := &authv1.SendDormancyNoticeRequest{
		UserId: ada.user.GetId(), Workspace: "old <b>project</b>",
		UsedAt: timestamppb.New(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)), DeletedAt: timestamppb.New(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)),
	}
	_, err := h.auth.SendDormancyNotice(h.gateway(), request)
	require.NoError(t, err)
	mail := server.wait(1)[0]
	require.Equal(t, "ada@example.org", mail.to)
	require.Contains(t, mail.subject, "going to be deleted")
	require.Contains(t, mail.text, "since 1 March 2026")
	require.Contains(t, mail.text, "on 1 June 2026 (UTC)")
	require.Contains(t, mail.text, publicURL+"/ide")
	_, err = h.auth.SendDormancyNotice(ada.ctx, request)
	require.Error(t, err, "no user sends mail")
}

func TestWithoutAMailServerNobodyIsMailed(t *testing.T) {
	h := open(t, auth.Config{PublicURL: publicURL})
	_, err := h.auth.SendBudgetAlert(h.gateway(), &authv1.SendBudgetAlertRequest{Kind: "budget", Percent: 50, ResetsAt: timestamppb.Now()})
	require.Equal(t, "MAIL_OFF", reason(t, err))
}
