package auth

import (
	"time"

	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/auditlog"
	"atrium.internal/services/auth/internal/grpcapi"
	"atrium.internal/services/auth/internal/pgstore"
)

// newUsers puts together what people do with their own accounts.
func newUsers(s *Service, accounts *account.Accounts, held grpcapi.Held) *grpcapi.Users {
	held.Log = auditlog.New(pgstore.NewAuditLog(s.pool))
	return grpcapi.NewUsers(accounts, account.NewReauthentication(accounts, held.Sessions, time.Now), held)
}
