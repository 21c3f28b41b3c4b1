package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/apperr"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/conversation"
	"atrium.internal/services/chat/internal/turn"
)

const conversationColumns = conversationBase + `,
	(SELECT ARRAY[coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(cost_micro_usd), 0)]::bigint[]
		FROM (SELECT input_tokens, output_tokens, cost_micro_usd FROM chat.chat_messages WHERE conversation_id = chat_conversations.id
			UNION ALL SELECT input_tokens, output_tokens, cost_micro_usd FROM chat.summaries WHERE conversation_id = chat_conversations.id) took),
	(SELECT s.token FROM chat.shares s WHERE s.conversation_id = chat_conversations.id),
	(SELECT s.created_at FROM chat.shares s WHERE s.conversation_id = chat_conversations.id)`

// conversationOwnColumns are the same without what other rows tell, which is
// not needed where a conversation is about to change or be told to a model, and takes a look at every
// message of it.
const conversationOwnColumns = conversationBase + `, '{0,0,0}'::bigint[], NULL::bytea, NULL::timestamptz`

const conversationBase = `id, user_id, title, created_at, updated_at, metadata,
	pinned, archived, model, workspace_id, head_message_id, system_prompt, title_by`

// conversationRow is conversationColumns, in their order.
type conversationRow struct {
	ID            uuid.UUID
	UserID        uuid.UUID
	Title         []byte
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Metadata      []byte
	Pinned        bool
	Archived      bool
	Model         string
	WorkspaceID   *uuid.UUID
	HeadMessageID *uuid.UUID
	SystemPrompt  []byte
	TitleBy       conversation.Author
	Usage         []int64
	ShareToken    []byte
	SharedAt      *time.Time
}

func (r conversationRow) title(key *seal.Key) (string, error) {
	return openText(key, titleOf(r.ID), r.Title)
}

// conversation opens the row with its user's key. What of it can't be read is
// left empty: one bad row must not take a whole list with it.
func (r conversationRow) conversation(key *seal.Key) (conversation.Conversation, error) {
	title, err := r.title(key)
	metadata, metadataErr := openMap(key, metadataOf(r.ID), r.Metadata)
	prompt, promptErr := openOptional(key, systemPromptOf(r.ID), r.SystemPrompt)
	unreadable, err := unreadable(err, metadataErr, promptErr)
	if err != nil {
		return conversation.Conversation{}, err
	}
	return conversation.Conversation{
		SystemPrompt: prompt, TitleBy: r.TitleBy, Unreadable: unreadable,
		Usage: conversation.Total{InputTokens: r.Usage[0], OutputTokens: r.Usage[1], CostMicroUSD: r.Usage[2]},
		ID:    r.ID, UserID: r.UserID, Title: title, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
		Metadata: metadata, Pinned: r.Pinned, Archived: r.Archived, Model: r.Model,
		WorkspaceID: orNil(r.WorkspaceID), HeadMessageID: orNil(r.HeadMessageID), Link: r.link(key),
	}, nil
}

// messageColumns are those of a message called m.
const messageColumns = `m.id, m.conversation_id, m.parent_id, m.role, m.content, m.status, m.model, m.created_at,
	m.input_tokens, m.output_tokens, m.cost_micro_usd, m.metadata, m.error_kind, m.position`

// messageRow is messageColumns, in their order.
type messageRow struct {
	ID             uuid.UUID
	ConversationID uuid.UUID
	ParentID       *uuid.UUID
	Role           conversation.Role
	Content        []byte
	Status         conversation.Status
	Model          string
	CreatedAt      time.Time
	InputTokens    *int32
	OutputTokens   *int32
	CostMicroUSD   *int64
	Metadata       []byte
	ErrorKind      *int16
	Position       int64
}

// message opens the row with its user's key, likewise.
func (r messageRow) message(key *seal.Key) (conversation.Message, error) {
	content, err := openText(key, contentOf(r.ID), r.Content)
	metadata, metadataErr := openMap(key, detailsOf(r.ID), r.Metadata)
	unreadable, err := unreadable(err, metadataErr)
	if err != nil {
		return conversation.Message{}, err
	}
	m := conversation.Message{
		ID: r.ID, ConversationID: r.ConversationID, ParentID: orNil(r.ParentID), Role: r.Role, Content: content,
		Status: r.Status, Model: r.Model, CreatedAt: r.CreatedAt, Metadata: metadata, Position: r.Position,
		Unreadable: unreadable,
	}
	if r.InputTokens != nil && r.OutputTokens != nil && r.CostMicroUSD != nil {
		m.Usage = &conversation.Usage{InputTokens: *r.InputTokens, OutputTokens: *r.OutputTokens, CostMicroUSD: *r.CostMicroUSD}
	}
	if r.ErrorKind != nil {
		m.Failure = failure(apperr.Kind(*r.ErrorKind), metadata)
	}
	return m, nil
}

// The names in a message's metadata under which its outcome is kept.
const (
	metaReason   = "errorReason"
	metaMessage  = "errorMessage"
	metaMetadata = "errorMetadata"
	// metaOmitted is how many of the oldest messages an answer went without.
	metaOmitted = "omittedMessages"
)

func failure(kind apperr.Kind, metadata map[string]any) *conversation.Failure {
	f := &conversation.Failure{Kind: kind, Metadata: map[string]string{}}
	f.Reason, _ = metadata[metaReason].(string)
	f.Message, _ = metadata[metaMessage].(string)
	details, _ := metadata[metaMetadata].(map[string]any)
	for name, value := range details {
		if text, ok := value.(string); ok {
			f.Metadata[name] = text
		}
	}
	return f
}

// outcomeColumns are the kind of a failure, if there is one, and the metadata.
func outcomeColumns(o turn.Outcome) (kind *int16, metadata map[string]any) {
	metadata = map[string]any{}
	if o.Omitted > 0 {
		metadata[metaOmitted] = o.Omitted
	}
	f := o.Failure
	if f == nil {
		return nil, metadata
	}
	number := int16(f.Kind)
	metadata[metaReason], metadata[metaMessage] = f.Reason, f.Message
	if len(f.Metadata) > 0 {
		metadata[metaMetadata] = f.Metadata
	}
	return &number, metadata
}

func queryConversation(ctx context.Context, db pgdb.Querier, key *seal.Key, sql string, args ...any) (conversation.Conversation, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return conversation.Conversation{}, pgdb.Fault("read conversation", err)
	}
	return collectConversation(rows, key)
}

func collectConversation(rows pgx.Rows, key *seal.Key) (conversation.Conversation, error) {
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[conversationRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return conversation.Conversation{}, conversation.ErrNotFound
	}
	if err != nil {
		return conversation.Conversation{}, pgdb.Fault("read conversation", err)
	}
	return row.conversation(key)
}

func queryMessage(ctx context.Context, db pgdb.Querier, key *seal.Key, sql string, args ...any) (conversation.Message, error) {
	found, err := queryMessages(ctx, db, key, sql, args...)
	if err == nil && len(found) == 0 {
		err = conversation.ErrMessageNotFound
	}
	if err != nil {
		return conversation.Message{}, err
	}
	return found[0], nil
}

func queryMessages(ctx context.Context, db pgdb.Querier, key *seal.Key, sql string, args ...any) ([]conversation.Message, error) {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return nil, pgdb.Fault("read messages", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[messageRow])
	if err != nil {
		return nil, pgdb.Fault("read messages", err)
	}
	messages, err := openMessages(key, found)
	if err != nil {
		return nil, err
	}
	return messages, withAttachments(ctx, db, key, messages)
}

func openMessages(key *seal.Key, rows []messageRow) (messages []conversation.Message, err error) {
	messages = make([]conversation.Message, len(rows))
	for i, row := range rows {
		if messages[i], err = row.message(key); err != nil {
			return nil, err
		}
	}
	return messages, nil
}
