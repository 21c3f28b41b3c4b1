package grpcapi

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"atrium.internal/pkg/principal"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
	"atrium.internal/services/auth/internal/announcement"
)

// Announcements serves authv1.AnnouncementService.
type Announcements struct {
	authv1.UnimplementedAnnouncementServiceServer
	board *announcement.Board
}

// NewAnnouncements makes the server of AnnouncementService.
func NewAnnouncements(board *announcement.Board) *Announcements { return &Announcements{board: board} }

// ListAnnouncements gives what is shown to the caller now.
func (s *Announcements) ListAnnouncements(ctx context.Context, _ *authv1.ListAnnouncementsRequest) (*authv1.ListAnnouncementsResponse, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	current, err := s.board.Current(ctx, caller.UserID)
	return &authv1.ListAnnouncementsResponse{Announcements: announcementMessages(current)}, err
}

// DismissAnnouncement shows one to the caller no more.
func (s *Announcements) DismissAnnouncement(ctx context.Context, req *authv1.DismissAnnouncementRequest) (*authv1.DismissAnnouncementResponse, error) {
	caller, id, err := actorAnd(ctx, req.GetId(), announcement.ErrNotFound)
	if err != nil {
		return nil, err
	}
	return &authv1.DismissAnnouncementResponse{}, s.board.Dismiss(ctx, caller.UserID, id)
}

// ListAllAnnouncements gives every one.
func (s *Announcements) ListAllAnnouncements(ctx context.Context, _ *authv1.ListAllAnnouncementsRequest) (*authv1.ListAllAnnouncementsResponse, error) {
	all, err := s.board.All(ctx)
	return &authv1.ListAllAnnouncementsResponse{Announcements: announcementMessages(all)}, err
}

// CreateAnnouncement makes one.
func (s *Announcements) CreateAnnouncement(ctx context.Context, req *authv1.CreateAnnouncementRequest) (*authv1.Announcement, error) {
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return nil, err
	}
	a, err := s.board.Create(ctx, caller.UserID, announcement.Announcement{
		Text: req.GetText(), Level: announcement.Level(req.GetLevel()),
		From: asTime(req.GetFrom()), Until: asTime(req.GetUntil()), Dismissible: req.GetDismissible(),
	})
	if err != nil {
		return nil, err
	}
	return announcementMessage(a), nil
}

// PutAnnouncement replaces one.
func (s *Announcements) PutAnnouncement(ctx context.Context, req *authv1.PutAnnouncementRequest) (*authv1.Announcement, error) {
	caller, id, err := actorAnd(ctx, req.GetId(), announcement.ErrNotFound)
	if err != nil {
		return nil, err
	}
	a, err := s.board.Put(ctx, caller.UserID, announcement.Announcement{
		ID: id, Text: req.GetText(), Level: announcement.Level(req.GetLevel()),
		From: asTime(req.GetFrom()), Until: asTime(req.GetUntil()), Dismissible: req.GetDismissible(),
	})
	if err != nil {
		return nil, err
	}
	return announcementMessage(a), nil
}

// DeleteAnnouncement removes one.
func (s *Announcements) DeleteAnnouncement(ctx context.Context, req *authv1.DeleteAnnouncementRequest) (*authv1.DeleteAnnouncementResponse, error) {
	caller, id, err := actorAnd(ctx, req.GetId(), announcement.ErrNotFound)
	if err != nil {
		return nil, err
	}
	return &authv1.DeleteAnnouncementResponse{}, s.board.Delete(ctx, caller.UserID, id)
}

func announcementMessages(all []announcement.Announcement) []*authv1.Announcement {
	shown := make([]*authv1.Announcement, len(all))
	for i, a := range all {
		shown[i] = announcementMessage(a)
	}
	return shown
}

func announcementMessage(a announcement.Announcement) *authv1.Announcement {
	moment := func(t *time.Time) *timestamppb.Timestamp {
		if t == nil {
			return nil
		}
		return timestamppb.New(*t)
	}
	return &authv1.Announcement{
		Id: a.ID.String(), Text: a.Text, Level: string(a.Level), From: moment(a.From), Until: moment(a.Until),
		Dismissible: a.Dismissible, CreatedAt: timestamppb.New(a.CreatedAt), UpdatedAt: timestamppb.New(a.UpdatedAt),
	}
}
