package turn

import (
	"context"
	"time"

	"github.com/google/uuid"

	"atrium.internal/services/chat/internal/attachment"
	"atrium.internal/services/chat/internal/conversation"
)

// Question is what a person sends.
type Question struct {
	ConversationID uuid.UUID
	Content        string
	// Model is empty for the conversation's own.
	Model string
	// Parent is the message that this one follows: nil for the conversation's
	// head, zero for the root.
	Parent *uuid.UUID
	// Attachments are files that were kept before.
	Attachments []uuid.UUID
}

// Pair is a question with its answer.
type Pair struct {
	User, Assistant conversation.Message
	// Owner is whose conversation they are in.
	Owner uuid.UUID
	// Named says that the conversation had a name of its own when the question
	// was asked; otherwise nobody knows.
	Named bool
}

// Answer names the pair's answer.
func (p Pair) Answer() Answer { return Answer{ID: p.Assistant.ID, Owner: p.Owner} }

// Answer names an answer, and the user with whose key it is kept.
type Answer struct{ ID, Owner uuid.UUID }

// Lease says whose turn writes an answer, and for how long without a sign of life.
type Lease struct {
	// Owner is the configured name of the process, or empty; a process that
	// starts under the name of one before knows that the other is dead.
	Owner string
	// Run is different for every start of a process.
	Run uuid.UUID
	For time.Duration
}

// Questions stores what people ask.
type Questions interface {
	// Ask stores a question and its empty answer under a lease, and moves the
	// conversation's head to it. A repeated call with the same idempotency key
	// gives the pair of then; replayed is true and no turn must be run. It
	// answers conversation.ErrNotFound, conversation.ErrMessageNotFound,
	// attachment.ErrNotFound, attachment.ErrSentTooMuch, and ErrRunning when the parent is still being written.
	Ask(ctx context.Context, user uuid.UUID, q Question, l Lease) (p Pair, replayed bool, err error)
	// AskAgain stores a sibling of an answer, likewise; it also answers
	// ErrNotAnAnswer.
	AskAgain(ctx context.Context, user, answer uuid.UUID, model string, l Lease) (p Pair, replayed bool, err error)
	// Pair gives an answer of the user with its question, or
	// conversation.ErrMessageNotFound.
	Pair(ctx context.Context, user, answer uuid.UUID) (Pair, error)
	// RequestStop leaves word for the turn that writes an answer.
	RequestStop(ctx context.Context, answer uuid.UUID) error
}

// Answers is the store as a running turn sees it.
type Answers interface {
	// History gives the branch that ends in a user's question.
	History(ctx context.Context, owner, question uuid.UUID) (History, error)
	// Checkpoint saves an answer's text so far and renews the lease; stop tells
	// that word was left to stop. It answers ErrLost.
	Checkpoint(ctx context.Context, a Answer, l Lease, text string) (stop bool, err error)
	// Settle writes an answer for the last time. It answers ErrLost.
	Settle(ctx context.Context, a Answer, l Lease, o Outcome) error
}

// Outcome is how an answer ended.
type Outcome struct {
	Status  conversation.Status
	Content string
	Model   string
	Usage   *conversation.Usage
	Failure *conversation.Failure
	// Omitted is how many of the branch's oldest messages the model was not given.
	Omitted int
}

// Orphan is an answer whose turn seems dead.
type Orphan struct {
	Answer
	Run     uuid.UUID
	Content string
	// Err is why the content can't be read, if it can't.
	Err error
	// Overdue is how long ago the lease ran out; negative when the owner is
	// known to be dead before that.
	Overdue time.Duration
}

// Orphans finds and closes what dead processes left.
type Orphans interface {
	// Orphans gives answers whose lease has run out, or that an earlier run of
	// this lease's owner began.
	Orphans(ctx context.Context, l Lease, limit int) ([]Orphan, error)
	// Interrupt settles an orphan unless its turn gave a sign of life or
	// another process was first; done says which.
	Interrupt(ctx context.Context, o Orphan, l Lease, out Outcome) (done bool, err error)
}

// Logs keeps the events of answers while they are written and some minutes more.
type Logs interface {
	// Create begins the log of an answer that this process writes.
	Create(a Answer) Writer
	// Open follows an answer's log, wherever it is written; live says that the
	// answer is still streaming. It answers ErrGone.
	Open(ctx context.Context, a Answer, live bool) (Reader, error)
	// Recall gives the whole text that a log holds and its last number; a log
	// that is not there is empty.
	Recall(ctx context.Context, a Answer) (text string, last int64, err error)
	// Conclude adds the end to the log of an orphan, after number last.
	Conclude(ctx context.Context, a Answer, last int64) error
}

// Writer is a log's one writer.
type Writer interface {
	// Store keeps the next events where they outlive the process, and with them
	// those before that were missed or have been lost since. Without events it
	// only looks for what was shown.
	Store(ctx context.Context, events []Event) error
	// Show gives events to those who follow.
	Show(events []Event)
	// Abandon lets the log go soon, because its answer is not this writer's any
	// more and may have been deleted.
	Abandon(ctx context.Context)
	// Close ends the log; without an End before, followers get ErrGone.
	Close()
}

// Reader is a place in a log.
type Reader interface {
	// Next waits for events after a number and gives them in order. It answers
	// ErrGone, also when the log ended at or before that number. The slice is
	// shared and must not be changed.
	Next(ctx context.Context, after int64) ([]Event, error)
	Close()
}

// Bell tells the other processes that an answer is to be stopped. It can fail
// silently: the store's word is seen with the next checkpoint.
type Bell interface {
	Ring(ctx context.Context, answers []uuid.UUID)
}

// Namer gives titles to conversations that nobody has named.
type Namer interface {
	// Name looks whether the conversation of a pair has none, and finds one from
	// the question and its answer so far, on behalf of the context's caller. A
	// failure is not the turn's.
	Name(ctx context.Context, p Pair, answer string)
}

// Herald tells those who watch a user's conversations. It does not wait for
// anybody.
type Herald interface {
	Began(ctx context.Context, p Pair)
	Ended(ctx context.Context, p Pair)
}

// History is a branch as a model may be given it.
type History struct {
	// System is what the conversation's answers are told first.
	System string
	// Summary stands for what is before the lines; nil for nothing.
	Summary *Summary
	// Lines are the newest messages, oldest first.
	Lines []Line
}

// Summary is what a model is given in place of the older part of a branch.
type Summary struct {
	// Until is the last message that it stands for, and Messages how many it does.
	Until    uuid.UUID
	Messages int
	Text     string
	// Answer is the one that it was made for.
	Answer    uuid.UUID
	Model     string
	Usage     conversation.Usage
	CreatedAt time.Time
}

// Line is one message of a prompt.
type Line struct {
	ID      uuid.UUID
	Role    conversation.Role
	Content string
	Files   []File
	// Usage and Omitted are those of an answer.
	Usage     *conversation.Usage
	Omitted   int
	CreatedAt time.Time
}

// Packer makes a history fit into the window of the model that is to answer.
type Packer interface {
	// Pack gives the lines of the prompt, and how many of the oldest messages
	// had no place in it. It may ask the model for a summary, on behalf of the
	// context's caller.
	Pack(ctx context.Context, p Pair, h History) (lines []Line, omitted int)
}

// File is what was sent with a line. One that is too far back for a prompt has
// no content.
type File struct {
	attachment.Attachment
	Content []byte
}

// Prompt is what a model is asked.
type Prompt struct {
	// ID is the answer's; a model is asked once for it.
	ID    uuid.UUID
	Model string
	// System comes before the lines; it may be empty.
	System string
	Lines  []Line
}

// Model streams answers, on behalf of the context's caller.
type Model interface {
	Generate(ctx context.Context, p Prompt) (Stream, error)
}

// Stream is one answer as it comes. Recv answers io.EOF at the end; errors are
// fit to be shown.
type Stream interface {
	Recv() (Chunk, error)
}

// Chunk is a part of an answer; any of its fields may be empty.
type Chunk struct {
	Model string
	Text  string
	Usage *conversation.Usage
	// Done says that the model has ended its answer.
	Done bool
}
