package grpcapi

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/proto/usd"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/session"
)

func userMessage(u account.User) (*authv1.User, error) {
	settings, err := structpb.NewStruct(u.Settings)
	if err != nil {
		return nil, fmt.Errorf("stored settings: %w", err)
	}
	return &authv1.User{
		Id: u.ID.String(), Email: u.Email, Username: u.Username, FullName: u.FullName,
		AvatarUrl: u.AvatarURL, Roles: u.Roles, Plan: u.Plan, CreatedAt: timestamppb.New(u.CreatedAt),
		LastLogin: optionalTime(u.LastLogin), IsActive: u.Active, Settings: settings,
		MustChangePassword: u.MustChangePassword, TotpEnabled: u.TOTPEnabled,
		RecoveryCodesLeft: int32(u.RecoveryCodesLeft), HasPassword: u.HasPassword,
	}, nil
}

func sessionMessage(s session.Session, current uuid.UUID) *authv1.Session {
	m := &authv1.Session{
		Id: s.ID.String(), CreatedAt: timestamppb.New(s.CreatedAt), ExpiresAt: timestamppb.New(s.ExpiresAt),
		LastActivity: timestamppb.New(s.LastActivity), UserAgent: s.UserAgent, Current: s.ID == current,
	}
	if s.Address.IsValid() {
		m.IpAddress = s.Address.String()
	}
	return m
}

func holderMessage(h session.Holder) *authv1.Holder {
	return &authv1.Holder{
		UserId: h.UserID.String(), SessionId: h.SessionID.String(), Username: h.Username,
		Roles: h.Roles, Plan: planMessage(h.Plan), ExpiresAt: timestamppb.New(h.ExpiresAt),
		MustChangePassword: h.MustChangePassword,
	}
}

func planMessage(p principal.Plan) *authv1.Plan {
	return &authv1.Plan{
		Name: p.Name, AiTokensMonthly: p.AITokensMonthly, IdeSecondsMonthly: p.IDESecondsMonthly,
		StorageBytes: p.StorageBytes, CpuMillis: p.CPUMillis, MemoryBytes: p.MemoryBytes,
		Workspaces: p.Workspaces, Isolation: p.Isolation, MonthlyBudgetUsd: usd.WriteBudget(p.AIBudgetMonthly),
	}
}

func optionalTime(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}
