package apitoken

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"atrium.internal/pkg/idempotency"
	"atrium.internal/pkg/principal"
)

// workspaceScopes are all that a workspace's token opens: models, the
// conversations that belong to the workspace, and what its windows are asked.
func workspaceScopes(workspace uuid.UUID) []string {
	return []string{"ai", principal.WithinWorkspace("chat", workspace), principal.WithinWorkspace("ide", workspace)}
}

// longestName bounds a token's name, in characters.
const longestName = 100

// IssueWorkspace makes the token of a workspace, in place of one that it had.
func (t *Tokens) IssueWorkspace(ctx context.Context, owner, workspace uuid.UUID, name string) (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("token id: %w", err)
	}
	label := []rune("Workspace " + name)
	made := Token{
		ID: id, UserID: owner, Name: string(label[:min(len(label), longestName)]),
		Scopes: workspaceScopes(workspace), CreatedAt: stored(t.now()),
	}
	secret := t.secret(id, idempotency.Key{}, false)
	ended, err := t.store.CreateOfWorkspace(ctx, made, workspace, hashOf(secret))
	if err != nil {
		return "", err
	}
	t.notifier.Ended(ctx, ended)
	return secret, nil
}

// EndWorkspace ends the token of a workspace, if it has one.
func (t *Tokens) EndWorkspace(ctx context.Context, workspace uuid.UUID) error {
	ended, err := t.store.EndOfWorkspace(ctx, workspace)
	if err != nil {
		return err
	}
	t.notifier.Ended(ctx, ended)
	return nil
}
