package authclient

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/apperr"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/ide/internal/workspace"
)

// Notices implements workspace.Notices.
type Notices struct{ Client authv1.AuthServiceClient }

// Dormant has the auth service mail the owner. Where there is no mail server, or
// services can't prove who they are, the page alone tells.
func (n Notices) Dormant(ctx context.Context, w workspace.Workspace) error {
	_, err := n.Client.SendDormancyNotice(ctx, &authv1.SendDormancyNoticeRequest{
		UserId: w.UserID.String(), Workspace: w.Name, UsedAt: timestamppb.New(w.LastAccessed), DeletedAt: timestamppb.New(w.DeleteAt),
	})
	switch known := apperr.From(err); {
	case err == nil, known.Reason == "MAIL_OFF", known.Kind == apperr.Unauthenticated, known.Kind == apperr.PermissionDenied:
		return nil
	}
	return err
}
