package auth

import (
	"context"
	"fmt"
	"io"

	"atrium.internal/pkg/config"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/auth/internal/auditlog"
	"atrium.internal/services/auth/internal/pgstore"
)

// VerifyAudit walks the audit log and says on out that it is whole, or gives
// what is wrong with it first. head is one that was kept elsewhere, or empty.
// Key and ring are the deployment's, as in Deps.
func VerifyAudit(ctx context.Context, url config.Secret, key []byte, ring *seal.Keyring, head string, out io.Writer) error {
	var anchor auditlog.Head
	if head != "" {
		var err error
		if anchor, err = auditlog.ParseHead(head); err != nil {
			return err
		}
	}
	pool, err := pgdb.OpenForTask(url, pgstore.Schema)
	if err != nil {
		return err
	}
	defer pool.Close()
	held := seal.New(pool, pgstore.Schema, ring)
	defer held.Close()
	if err := held.Check(ctx); err != nil {
		return err
	}
	chain, err := auditChain(ctx, held, key)
	if err != nil {
		return err
	}
	report, err := chain.Verify(ctx, pgstore.NewAuditLog(pool), anchor)
	if err != nil {
		return err
	}
	return tell(out, report)
}

func tell(out io.Writer, r auditlog.Report) error {
	text := fmt.Sprintf("OK: %d rows, head %s\n", r.Rows, r.Head)
	if r.Pending > 0 {
		text += fmt.Sprintf("%d newer rows are not in the chain yet.\n", r.Pending)
	}
	if r.Late > 0 {
		text += fmt.Sprintf("%d rows came into the chain more than two hours after the time they bear.\n", r.Late)
	}
	_, err := io.WriteString(out, text)
	return err
}
