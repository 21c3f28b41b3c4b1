// Package authclient gets the tokens of workspaces from the auth service, and has
// it mail their owners.
package authclient

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"atrium.internal/pkg/apperr"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/ide/internal/workspace"
)

// Tokens implements workspace.Tokens.
type Tokens struct{ Client authv1.AuthServiceClient }

// longestName bounds what a token is called.
const longestName = 80

// Issue makes a workspace's token, and ends the one before.
func (t Tokens) Issue(ctx context.Context, w workspace.Workspace) (string, error) {
	name := strings.ToValidUTF8(w.Name[:min(len(w.Name), longestName)], "")
	answer, err := t.Client.IssueWorkspaceToken(ctx, &authv1.IssueWorkspaceTokenRequest{
		UserId: w.UserID.String(), WorkspaceId: w.ID.String(), Name: name,
	})
	return answer.GetToken(), err
}

// End ends a workspace's token, if it has one. Where services can't prove who
// they are, there never was one.
func (t Tokens) End(ctx context.Context, id uuid.UUID) error {
	_, err := t.Client.EndWorkspaceToken(ctx, &authv1.EndWorkspaceTokenRequest{WorkspaceId: id.String()})
	if kind := apperr.From(err).Kind; err != nil && (kind == apperr.Unauthenticated || kind == apperr.PermissionDenied) {
		return nil
	}
	return err
}
