package grpcapi

import (
	"context"
	"fmt"
	"maps"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/audit"
	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/auditlog"
)

// ListAudit gives a page of the audit log.
func (a *Admin) ListAudit(ctx context.Context, req *authv1.ListAuditRequest) (*authv1.ListAuditResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	var after auditlog.Cursor
	if err := a.pages.Decode(req.GetPageToken(), caller.UserID, auditList, &after); err != nil {
		return nil, err
	}
	filter := auditlog.Filter{EventType: req.GetEventType()}
	if req.GetUserId() != "" {
		if filter.User, err = uuid.Parse(req.GetUserId()); err != nil {
			return nil, err
		}
	}
	if from := asTime(req.GetFrom()); from != nil {
		filter.From = *from
	}
	if to := asTime(req.GetTo()); to != nil {
		filter.To = *to
	}
	entries, next, err := a.log.Read(ctx, filter, after, page.Size(req.GetPageSize()))
	if err != nil {
		return nil, err
	}
	resp := &authv1.ListAuditResponse{}
	for _, e := range entries {
		shown, err := entryMessage(e)
		if err != nil {
			return nil, err
		}
		resp.Entries = append(resp.Entries, shown)
	}
	if next != nil {
		resp.NextPageToken = a.pages.Encode(caller.UserID, auditList, next)
	}
	return resp, nil
}

func entryMessage(e auditlog.Entry) (*authv1.AuditEntry, error) {
	metadata := maps.Clone(e.Metadata)
	requestID, _ := metadata[audit.RequestID].(string)
	delete(metadata, audit.RequestID)
	shown, err := structpb.NewStruct(metadata)
	if err != nil {
		return nil, fmt.Errorf("stored metadata: %w", err)
	}
	m := &authv1.AuditEntry{
		Id: e.ID.String(), Timestamp: timestamppb.New(e.Time), Username: e.Username, EventType: e.EventType,
		ResourceType: e.ResourceType, ResourceId: e.ResourceID, Action: e.Action, Status: e.Status,
		IpAddress: e.Address, UserAgent: e.UserAgent, RequestId: requestID, Metadata: shown, Error: e.Error,
	}
	if e.UserID != uuid.Nil {
		m.UserId = e.UserID.String()
	}
	return m, nil
}
