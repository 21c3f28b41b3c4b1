package grpcapi

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/filechunk"
	commonv1 "atrium.internal/proto/gen/atrium/common/v1"
	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/workspace"
)

// ExportAccount gives the caller's workspaces, with their files.
func (s *Workspaces) ExportAccount(_ *idev1.ExportAccountRequest, stream grpc.ServerStreamingServer[commonv1.FileChunk]) error {
	ctx := stream.Context()
	caller, err := principal.SignedIn(ctx)
	if err != nil {
		return err
	}
	out := filechunk.NewWriter(stream.Send)
	if err := s.exportRows(ctx, caller, out); err != nil {
		return err
	}
	if err := s.exportUptime(ctx, caller, out); err != nil {
		return err
	}
	if err := s.exportPreferences(ctx, caller, out); err != nil {
		return err
	}
	allowed, err := s.allowance(ctx, caller)
	if err != nil {
		return err
	}
	err = s.each(ctx, caller, func(w workspace.Workspace) error {
		files := newArchive(out, folderOf(w)+"/", &allowed)
		can, err := s.Manager.Files(ctx, w, files)
		if err != nil || !can {
			return err
		}
		return files.close()
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

func (s *Workspaces) exportPreferences(ctx context.Context, caller principal.Principal, out *filechunk.Writer) error {
	chosen, revision, err := s.Preferences.Editor(ctx, caller.UserID)
	if err != nil || revision == 0 {
		return err
	}
	return out.JSON("editor-settings.json", chosen)
}

// unlimited is how much of an unlimited plan is exported, in bytes: files may
// claim any size without taking room on the disk.
const unlimited = 1 << 40

// allowance is how many bytes of files are exported at most: what the plan
// allows, or what the disk really holds where that is more.
func (s *Workspaces) allowance(ctx context.Context, caller principal.Principal) (int64, error) {
	if caller.Plan.StorageBytes < 0 {
		return unlimited, nil
	}
	usage, err := s.Manager.Usage(ctx, caller.UserID)
	return max(caller.Plan.StorageBytes, usage.StorageBytes), err
}

// each calls do with every workspace of the caller's, page by page.
func (s *Workspaces) each(ctx context.Context, caller principal.Principal, do func(workspace.Workspace) error) error {
	for after := uuid.Nil; ; {
		list, err := s.Manager.List(ctx, caller.UserID, after, page.MaxSize)
		if err != nil {
			return err
		}
		for _, w := range list {
			if err := do(w); err != nil {
				return err
			}
			after = w.ID
		}
		if len(list) < page.MaxSize {
			return nil
		}
	}
}

// exportedWorkspace is a workspace with what happened to it lately.
type exportedWorkspace struct {
	ID           string          `json:"id"`
	Name         string          `json:"name"`
	Folder       string          `json:"folder"`
	Path         string          `json:"path"`
	Template     string          `json:"template"`
	Isolation    string          `json:"isolation"`
	Status       string          `json:"status"`
	StatusReason string          `json:"statusReason"`
	CreatedAt    time.Time       `json:"createdAt"`
	LastAccessed time.Time       `json:"lastAccessed"`
	Metadata     map[string]any  `json:"metadata"`
	Events       []exportedEvent `json:"events"`
}

type exportedEvent struct {
	Seq     int64     `json:"seq"`
	Time    time.Time `json:"time"`
	Step    string    `json:"step"`
	Message string    `json:"message"`
	Status  string    `json:"status"`
}

func (s *Workspaces) exportRows(ctx context.Context, caller principal.Principal, out *filechunk.Writer) error {
	if err := out.List("workspaces.json"); err != nil {
		return err
	}
	err := s.each(ctx, caller, func(w workspace.Workspace) error {
		events, err := s.Manager.Events(ctx, caller.UserID, w.ID)
		if err != nil && !errors.Is(err, workspace.ErrNotFound) { // deleted just now
			return err
		}
		item := exportedWorkspace{
			ID: w.ID.String(), Name: w.Name, Folder: folderOf(w), Path: w.Path, Template: w.Template, Isolation: w.Isolation,
			Status: string(w.Status), StatusReason: w.StatusReason.Words, CreatedAt: w.CreatedAt, LastAccessed: w.LastAccessed,
			Metadata: w.Metadata, Events: []exportedEvent{},
		}
		for _, e := range events {
			item.Events = append(item.Events, exportedEvent{Seq: e.Seq, Time: e.Time, Step: string(e.Step), Message: e.Message, Status: string(e.Status)})
		}
		return out.Item(item)
	})
	if err != nil {
		return err
	}
	return out.EndList()
}

func (s *Workspaces) exportUptime(ctx context.Context, caller principal.Principal, out *filechunk.Writer) error {
	if err := out.List("workspaces-uptime.json"); err != nil {
		return err
	}
	for after := uuid.Nil; ; {
		list, err := s.Manager.Stretches(ctx, caller.UserID, after, page.MaxSize)
		if err != nil {
			return err
		}
		for _, stretch := range list {
			if err := out.Item(struct {
				WorkspaceID uuid.UUID  `json:"workspaceId"`
				StartedAt   time.Time  `json:"startedAt"`
				EndedAt     *time.Time `json:"endedAt"`
			}{stretch.WorkspaceID, stretch.StartedAt, stretch.EndedAt}); err != nil {
				return err
			}
			after = stretch.ID
		}
		if len(list) < page.MaxSize {
			return out.EndList()
		}
	}
}

// folderOf is where a workspace's files lie in an export. Two names may make
// the same slug, so a part of the id goes with it.
func folderOf(w workspace.Workspace) string {
	id := w.ID.String()
	name := filechunk.Slug(w.Name)
	if name == "" {
		name = "workspace"
	}
	return "workspaces/" + name + "-" + id[len(id)-8:]
}
