package auth

import (
	"context"

	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/page"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/auth/internal/account"
	"atrium.internal/services/auth/internal/admin"
	"atrium.internal/services/auth/internal/auditlog"
	"atrium.internal/services/auth/internal/grpcapi"
	"atrium.internal/services/auth/internal/pgstore"
)

// newAdmin puts together what administrators use.
func newAdmin(s *Service, accounts *account.Accounts, notifier admin.Notifier) *grpcapi.Admin {
	store := pgstore.NewAdmin(s.pool).By(s.reads)
	return grpcapi.NewAdmin(
		admin.NewUsers(store, accounts, notifier), admin.NewPlans(store, notifier), auditlog.New(pgstore.NewAuditLog(s.pool).By(s.reads)),
		page.New(keys.Derive(s.deps.Key, "auth page tokens")),
	)
}

// newKeeper makes what keeps the audit log's chain.
func newKeeper(ctx context.Context, s *Service) (*auditlog.Keeper, error) {
	chain, err := auditChain(ctx, s.sealed, s.deps.Key)
	return auditlog.NewKeeper(s.deps.Log, pgstore.NewAuditLog(s.pool), chain), err
}

// auditChain makes the chain with the service's key for it, which outlives a
// rotation of the deployment key: a log that was chained before stays verifiable.
func auditChain(ctx context.Context, held *seal.Keys, deployment []byte) (auditlog.Chain, error) {
	const purpose = "audit chain"
	key, err := held.Service(ctx, purpose, keys.Derive(deployment, purpose))
	return auditlog.NewChain(key), err
}
