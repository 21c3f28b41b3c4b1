package auth

import (
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/page"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/admin"
	"atrium.internal/services/auth/internal/auditlog"
	"atrium.internal/services/auth/internal/grpcapi"
	"atrium.internal/services/auth/internal/pgstore"
)

// newAdmin puts together what administrators use.
func newAdmin(s *Service, accounts *account.Accounts, notifier admin.Notifier) *grpcapi.Admin {
	store := pgstore.NewAdmin(s.pool)
	return grpcapi.NewAdmin(
		admin.NewUsers(store, accounts, notifier), admin.NewPlans(store, notifier), auditlog.New(pgstore.NewAuditLog(s.pool)),
		page.New(keys.Derive(s.deps.Key, "auth page tokens")),
	)
}

// newKeeper makes what keeps the audit log's chain.
func newKeeper(s *Service) *auditlog.Keeper {
	return auditlog.NewKeeper(s.deps.Log, pgstore.NewAuditLog(s.pool), auditChain(s.deps.Key))
}

func auditChain(key []byte) auditlog.Chain { return auditlog.NewChain(keys.Derive(key, "audit chain")) }
