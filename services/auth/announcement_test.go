package auth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

func TestAnnouncements(t *testing.T) {
	c := found(t)
	put := func(id, text, level string, change ...func(*authv1.PutAnnouncementRequest)) error {
		req := &authv1.PutAnnouncementRequest{Id: id, Text: text, Level: level, Dismissible: true}
		for _, with := range change {
			with(req)
		}
		_, err := c.board.PutAnnouncement(c.asAdmin, req)
		return err
	}
	create := func(text, level string, change ...func(*authv1.CreateAnnouncementRequest)) string {
		req := &authv1.CreateAnnouncementRequest{Text: text, Level: level, Dismissible: true}
		for _, with := range change {
			with(req)
		}
		made, err := c.board.CreateAnnouncement(c.asAdmin, req)
		require.NoError(t, err)
		return made.GetId()
	}
	shown := func(d device) (texts []string) {
		list, err := c.board.ListAnnouncements(d.ctx, &authv1.ListAnnouncementsRequest{})
		require.NoError(t, err)
		for _, a := range list.GetAnnouncements() {
			texts = append(texts, a.GetText())
		}
		return texts
	}
	in := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(time.Now().Add(d)) }
	news := create(" A new model. ", "info")
	outage := create("Away at ten.", "critical", func(r *authv1.CreateAnnouncementRequest) { r.Dismissible = false })
	later := create("Not yet.", "info", func(r *authv1.CreateAnnouncementRequest) { r.From = in(time.Hour) })
	create("Over.", "info", func(r *authv1.CreateAnnouncementRequest) { r.Until = in(-time.Second) })
	require.Equal(t, "ANNOUNCEMENT_NOT_FOUND", reason(t, put(uuid.NewString(), "x", "info")))
	require.Equal(t, []string{"Away at ten.", "A new model."}, shown(c.user), "the gravest first, and those of now alone")

	dismiss := func(id string) error {
		_, err := c.board.DismissAnnouncement(c.user.ctx, &authv1.DismissAnnouncementRequest{Id: id})
		return err
	}
	require.NoError(t, dismiss(news))
	require.NoError(t, dismiss(news), "again")
	require.Equal(t, "ANNOUNCEMENT_STAYS", reason(t, dismiss(outage)))
	require.Equal(t, "ANNOUNCEMENT_NOT_FOUND", reason(t, dismiss(later)), "one of the future is nobody's to know of")
	require.Equal(t, "ANNOUNCEMENT_NOT_FOUND", reason(t, dismiss(uuid.NewString())))
	require.Equal(t, []string{"Away at ten."}, shown(c.user))
	require.Equal(t, []string{"Away at ten.", "A new model."}, shown(c.admin), "others still see it")

	require.NoError(t, put(news, "A new model.", "info", func(r *authv1.PutAnnouncementRequest) { r.Until = in(time.Hour) }))
	require.Equal(t, []string{"Away at ten."}, shown(c.user), "its time alone has changed")
	require.NoError(t, put(news, "Two new models.", "info"))
	require.Equal(t, []string{"Away at ten.", "Two new models."}, shown(c.user), "a new text is shown again")
	require.NoError(t, dismiss(news))
	require.NoError(t, put(news, "Two new models.", "info", func(r *authv1.PutAnnouncementRequest) { r.Dismissible = false }))
	require.Contains(t, shown(c.user), "Two new models.", "what may not be dismissed any more is shown to all")

	for what, bad := range map[string]error{
		"blank":          put(news, "  ", "info"),
		"too long":       put(news, strings.Repeat("x", 501), "info"),
		"unknown level":  put(news, "x", "loud"),
		"ends before":    put(news, "x", "info", func(r *authv1.PutAnnouncementRequest) { r.From, r.Until = in(2*time.Hour), in(time.Hour) }),
		"not an id":      put("x", "x", "info"),
		"no level named": put(news, "x", ""),
	} {
		require.Equal(t, "INVALID_ARGUMENT", reason(t, bad), what)
	}
	_, err := c.board.PutAnnouncement(c.withRoles(c.user, "admin"), &authv1.PutAnnouncementRequest{Id: news, Text: "x", Level: "info"})
	require.Equal(t, "PERMISSION_DENIED", reason(t, err), "one who was demoted meanwhile")
	_, err = c.board.ListAllAnnouncements(c.user.ctx, &authv1.ListAllAnnouncementsRequest{})
	require.Equal(t, "PERMISSION_DENIED", reason(t, err))

	all, err := c.board.ListAllAnnouncements(c.asAdmin, &authv1.ListAllAnnouncementsRequest{})
	require.NoError(t, err)
	require.Len(t, all.GetAnnouncements(), 4, "with those of the past and the future")
	_, err = c.board.DeleteAnnouncement(c.asAdmin, &authv1.DeleteAnnouncementRequest{Id: outage})
	require.NoError(t, err)
	_, err = c.board.DeleteAnnouncement(c.asAdmin, &authv1.DeleteAnnouncementRequest{Id: outage})
	require.Equal(t, "ANNOUNCEMENT_NOT_FOUND", reason(t, err))
	require.Equal(t, []string{"Two new models."}, shown(c.user))
	require.Equal(t, []string{"admin.announcement.create", "admin.announcement.delete"}, query[string](c.house,
		`SELECT event_type FROM audit.audit_log WHERE resource_id = $1 AND user_id = $2 ORDER BY id`, outage, c.admin.user.GetId()))
}
