// Command longthread writes a conversation of many messages for a user of a
// platform that runs on the private Postgres of a data directory, sealed as the
// service seals them, and prints the conversation's id. Tests of long threads
// open what it made; asking that many questions would take minutes.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium.internal/pkg/localdb/postgres"
	"atrium.internal/pkg/pgdb"
	"atrium.internal/pkg/seal"
	"atrium.internal/services/chat/internal/pgstore"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "longthread:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	data := flag.String("data", ".atrium", "data directory of the running platform")
	user := flag.String("user", "", "id of the user whose conversation it will be")
	count := flag.Int("messages", 10_000, "how many messages, question and answer by turns")
	flag.Parse()
	owner, err := uuid.Parse(*user)
	if err != nil {
		return fmt.Errorf("-user: %w", err)
	}
	log := slog.New(slog.DiscardHandler)
	// It runs already; this finds it.
	url, _, err := postgres.Start(ctx, postgres.Options{Dir: filepath.Join(*data, "postgres")})
	if err != nil {
		return err
	}
	ring, err := seal.OpenKeyring(log, filepath.Join(*data, "keys", "deployment.key"))
	if err != nil {
		return err
	}
	pool, err := pgdb.Open(url, pgstore.Schema)
	if err != nil {
		return err
	}
	defer pool.Close()
	keys := seal.New(pool, pgstore.Schema, ring)
	defer keys.Close()
	key, err := keys.Of(ctx, owner)
	if err != nil {
		return err
	}
	conversation := uuid.Must(uuid.NewV7())
	err = pgdb.InTx(ctx, pool, func(tx pgx.Tx) error { return write(ctx, tx, key, owner, conversation, *count) })
	if err == nil {
		_, err = fmt.Fprintln(out, conversation)
	}
	return err
}

func write(ctx context.Context, tx pgx.Tx, key *seal.Key, owner, conversation uuid.UUID, count int) error {
	title := key.Seal(seal.Place{Table: "chat_conversations", Column: "title", Row: conversation}, []byte("A long thread"))
	if _, err := tx.Exec(ctx, `INSERT INTO chat.chat_conversations (id, user_id, title, title_by) VALUES ($1, $2, $3, 'user')`,
		conversation, owner, title); err != nil {
		return err
	}
	var parent *uuid.UUID
	rows := make([][]any, count)
	for n := range rows {
		id, role := uuid.Must(uuid.NewV7()), "user"
		if n%2 == 1 {
			role = "assistant"
		}
		content := key.Seal(seal.Place{Table: "chat_messages", Column: "content", Row: id}, []byte(text(n)))
		rows[n], parent = []any{id, conversation, role, content, parent, "complete"}, &id
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{pgstore.Schema, "chat_messages"},
		[]string{"id", "conversation_id", "role", "content", "parent_id", "status"}, pgx.CopyFromRows(rows)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE chat.chat_conversations SET head_message_id = $2 WHERE id = $1`, conversation, parent)
	return err
}

// text is the n-th message: of several lengths, and now and then with code.
func text(n int) string {
	if n%2 == 0 {
		return fmt.Sprintf("Question %d: what comes after the tide has turned?", n)
	}
	answer := fmt.Sprintf("Answer %d.\n\n%s\n\n- ebb\n- flood", n, strings.Repeat("Then the water *leaves* the shore. ", 5+n%30))
	if n%10 == 1 {
		answer += "\n\n```go\nfunc turn(tide int) int {\n\treturn -tide // and again\n}\n```"
	}
	return answer
}
