package grpcapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"

	"atrium.internal/pkg/page"
	"atrium.internal/pkg/principal"
	"atrium.internal/proto/filechunk"
	chatv1 "atrium.internal/proto/gen/atrium/chat/v1"
	commonv1 "atrium.internal/proto/gen/atrium/common/v1"
	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/prompt"
	"atrium.internal/services/chat/internal/window"
)

// exportedAtOnce is how many messages an export has in memory: each may have
// some megabytes.
const exportedAtOnce = 8

// ExportAccount gives the caller's conversations: the whole tree of each as
// JSON, and the branch last shown as Markdown.
func (s *Server) ExportAccount(_ *chatv1.ExportAccountRequest, stream grpc.ServerStreamingServer[commonv1.FileChunk]) error {
	caller, err := principal.SignedIn(stream.Context())
	if err != nil {
		return err
	}
	e := exporting{keeper: s.keeper, windows: s.windows, prompts: s.prompts, attachments: s.files, user: caller.UserID, out: filechunk.NewWriter(stream.Send), seen: map[uuid.UUID]bool{}}
	if err := e.all(stream.Context()); err != nil {
		return err
	}
	if err := e.savedPrompts(stream.Context()); err != nil {
		return err
	}
	if err := e.files(stream.Context()); err != nil {
		return err
	}
	return e.out.Flush()
}

// ExportConversation gives one conversation, as in an account's export.
func (s *Server) ExportConversation(req *chatv1.ExportConversationRequest, stream grpc.ServerStreamingServer[commonv1.FileChunk]) error {
	ctx := stream.Context()
	user, id, err := caller(ctx, req.GetId(), conversation.ErrNotFound)
	if err != nil {
		return err
	}
	c, err := s.keeper.Get(ctx, user, id)
	if err != nil {
		return err
	}
	e := exporting{keeper: s.keeper, windows: s.windows, user: user, out: filechunk.NewWriter(stream.Send)}
	write := e.tree
	if req.GetFormat() == "md" {
		write = e.branch
	}
	if err := write(ctx, fileName(c)+"."+req.GetFormat(), c); err != nil {
		return err
	}
	return e.out.Flush()
}

// exporting is one export.
type exporting struct {
	keeper      *conversation.Keeper
	windows     *window.Packer
	prompts     *prompt.Keeper
	attachments *attachment.Keeper
	user        uuid.UUID
	out         *filechunk.Writer
	// seen are the conversations that are written.
	seen map[uuid.UUID]bool
}

// all walks the list, newest change first, until a walk finds nothing new: a
// conversation that is used meanwhile moves to the top, past the walk.
func (e *exporting) all(ctx context.Context) error {
	const walks = 3 // somebody who keeps writing is not waited for
	for range walks {
		news, err := e.walk(ctx)
		if err != nil || !news {
			return err
		}
	}
	return nil
}

func (e *exporting) walk(ctx context.Context) (news bool, err error) {
	for next := new(conversation.Cursor); next != nil; {
		var list []conversation.Conversation
		if list, next, err = e.keeper.List(ctx, e.user, conversation.Filter{}, *next, page.MaxSize); err != nil {
			return news, err
		}
		for _, c := range list {
			if e.seen[c.ID] {
				continue
			}
			news, e.seen[c.ID] = true, true
			if err := e.conversation(ctx, c); err != nil {
				return news, err
			}
		}
	}
	return news, nil
}

func (e *exporting) conversation(ctx context.Context, c conversation.Conversation) error {
	name := "conversations/" + fileName(c)
	if err := e.tree(ctx, name+".json", c); err != nil {
		return err
	}
	return e.branch(ctx, name+".md", c)
}

// fileName tells conversations apart and a person what is in it.
func fileName(c conversation.Conversation) string {
	id, name := c.ID.String(), c.CreatedAt.UTC().Format(time.DateOnly)
	if slug := filechunk.Slug(c.Title); slug != "" {
		name += "-" + slug
	}
	return name + "-" + id[len(id)-8:]
}

// tree writes {"conversation": …, "messages": […], "summaries": […]}.
func (e *exporting) tree(ctx context.Context, path string, c conversation.Conversation) error {
	if err := e.out.Begin(path); err != nil {
		return err
	}
	about := exportedConversation{
		ID: c.ID, Title: c.Title, CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt, Metadata: c.Metadata, Pinned: c.Pinned,
		Archived: c.Archived, Model: c.Model, WorkspaceID: idText(c.WorkspaceID), HeadMessageID: idText(c.HeadMessageID),
		SystemPrompt: c.SystemPrompt, TitleBy: c.TitleBy,
		Usage: exportedTotal{c.Usage.InputTokens, c.Usage.OutputTokens, c.Usage.CostMicroUSD},
	}
	if c.Link != nil {
		about.SharedAt = &c.Link.CreatedAt
	}
	shown, err := json.MarshalIndent(about, "", "  ")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(e.out, `{"conversation": `+string(shown)+",\n\"messages\": "); err != nil {
		return err
	}
	if err := e.out.BeginItems(); err != nil {
		return err
	}
	err = e.messages(ctx, c.ID, uuid.Nil, func(m conversation.Message) error { return e.out.Item(exported(m)) })
	if err != nil {
		return err
	}
	if err := e.out.EndList(); err != nil {
		return err
	}
	summaries, err := e.summaries(ctx, c.ID)
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.out, ",\n\"summaries\": "+string(summaries)+"}\n")
	return err
}

// summaries are what models are given in place of older messages, as JSON.
func (e *exporting) summaries(ctx context.Context, conv uuid.UUID) ([]byte, error) {
	found, err := e.windows.Summaries(ctx, e.user, conv)
	if err != nil {
		return nil, err
	}
	shown := []exportedSummary{}
	for _, s := range found {
		shown = append(shown, exportedSummary{
			UntilMessageID: s.Until, Messages: s.Messages, Content: s.Text, Model: s.Model, CreatedAt: s.CreatedAt,
			Usage: exportedUsage{s.Usage.InputTokens, s.Usage.OutputTokens, s.Usage.CostMicroUSD},
		})
	}
	return json.MarshalIndent(shown, "", "  ")
}

// branch writes what a person would read.
func (e *exporting) branch(ctx context.Context, path string, c conversation.Conversation) error {
	if err := e.out.Begin(path); err != nil {
		return err
	}
	title := c.Title
	if title == "" {
		title = "Conversation"
	}
	if _, err := io.WriteString(e.out, "# "+title+"\n"); err != nil {
		return err
	}
	if c.HeadMessageID == uuid.Nil {
		return nil
	}
	return e.messages(ctx, c.ID, c.HeadMessageID, func(m conversation.Message) error {
		_, err := io.WriteString(e.out, "\n## "+heading(m)+"\n\n"+m.Content+"\n")
		return err
	})
}

func heading(m conversation.Message) string {
	who := map[conversation.Role]string{conversation.User: "You", conversation.System: "System", conversation.Assistant: "Assistant"}[m.Role]
	if m.Model != "" {
		who += " (" + m.Model + ")"
	}
	return who + ", " + m.CreatedAt.UTC().Format(time.RFC3339)
}

// messages gives a conversation's messages page by page. One that is deleted
// meanwhile ends there.
func (e *exporting) messages(ctx context.Context, id, leaf uuid.UUID, do func(conversation.Message) error) error {
	for after, more := int64(0), true; more; {
		list, next, err := e.keeper.Messages(ctx, e.user, id, leaf, after, exportedAtOnce)
		if errors.Is(err, conversation.ErrNotFound) || errors.Is(err, conversation.ErrMessageNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, m := range list {
			if err := do(m); err != nil {
				return err
			}
		}
		after, more = next, next != 0
	}
	return nil
}

type exportedConversation struct {
	ID            uuid.UUID           `json:"id"`
	Title         string              `json:"title"`
	CreatedAt     time.Time           `json:"createdAt"`
	UpdatedAt     time.Time           `json:"updatedAt"`
	Metadata      map[string]any      `json:"metadata"`
	Pinned        bool                `json:"pinned"`
	Archived      bool                `json:"archived"`
	Model         string              `json:"model"`
	WorkspaceID   string              `json:"workspaceId"`
	HeadMessageID string              `json:"headMessageId"`
	SystemPrompt  string              `json:"systemPrompt"`
	TitleBy       conversation.Author `json:"titleBy"`
	Usage         exportedTotal       `json:"usage"`
	// SharedAt is when a link was last given its picture. The link itself is
	// left out: it would open to whoever finds the file.
	SharedAt *time.Time `json:"sharedAt"`
}

type exportedTotal struct {
	InputTokens  int64 `json:"inputTokens"`
	OutputTokens int64 `json:"outputTokens"`
	CostMicroUSD int64 `json:"costMicroUsd"`
}

type exportedMessage struct {
	ID        uuid.UUID           `json:"id"`
	ParentID  string              `json:"parentId"`
	Role      conversation.Role   `json:"role"`
	Content   string              `json:"content"`
	Status    conversation.Status `json:"status"`
	Model     string              `json:"model"`
	CreatedAt time.Time           `json:"createdAt"`
	Usage     *exportedUsage      `json:"usage"`
	Failure   *exportedFailure    `json:"failure"`
	Metadata  map[string]any      `json:"metadata"`
	// Attachments are names of files in an account's export.
	Attachments []string `json:"attachments"`
}

type exportedSummary struct {
	UntilMessageID uuid.UUID     `json:"untilMessageId"`
	Messages       int           `json:"messages"`
	Content        string        `json:"content"`
	Model          string        `json:"model"`
	CreatedAt      time.Time     `json:"createdAt"`
	Usage          exportedUsage `json:"usage"`
}

type exportedUsage struct {
	InputTokens  int32 `json:"inputTokens"`
	OutputTokens int32 `json:"outputTokens"`
	CostMicroUSD int64 `json:"costMicroUsd"`
}

type exportedFailure struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

func exported(m conversation.Message) exportedMessage {
	shown := exportedMessage{
		ID: m.ID, ParentID: idText(m.ParentID), Role: m.Role, Content: m.Content, Status: m.Status,
		Model: m.Model, CreatedAt: m.CreatedAt, Metadata: m.Metadata,
	}
	for _, a := range m.Attachments {
		shown.Attachments = append(shown.Attachments, attachmentPath(a))
	}
	if m.Usage != nil {
		shown.Usage = &exportedUsage{m.Usage.InputTokens, m.Usage.OutputTokens, m.Usage.CostMicroUSD}
	}
	if m.Failure != nil {
		shown.Failure = &exportedFailure{Reason: m.Failure.Reason, Message: m.Failure.Message}
	}
	return shown
}
