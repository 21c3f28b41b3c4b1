package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/pgtest"
)

// tell has somebody ask a question and waits for the answer; it gives the path
// of the conversation's messages.
func (b *browser) tell(content string) (path string) {
	b.t.Helper()
	path = "/api/chat/conversations/" + b.conversation() + "/messages"
	b.open("POST", path, object{"content": content}).rest()
	return path
}

// pg runs one of Postgres' own tools.
func pg(t *testing.T, tool string, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED, this test needs %s: %v", tool, err)
	}
	var fault bytes.Buffer
	cmd := exec.Command(path, args...)
	cmd.Stderr = &fault
	out, err := cmd.Output()
	require.NoError(t, err, fault.String())
	return out
}

// unreadable marks what was changed outside of the platform; the rest of its
// list is shown all the same.
const unreadable = `"unreadable":true`

func TestAttack60CiphertextIsSwappedAndFlipped(t *testing.T) {
	p := attacked(t)
	ada, ben := p.browser(t), p.browser(t)
	adaID := ada.register("ada60")["id"].(string)
	benID := ben.register("ben60")["id"].(string)
	adas, bens := ada.tell("Ada has 60 apples."), ben.tell("Ben has 60 pears.")
	db := p.database(t)
	titles := `UPDATE chat.chat_conversations SET title = (SELECT title FROM chat.chat_conversations WHERE user_id = $2) WHERE user_id = $1`
	ofUser := ` WHERE conversation_id IN (SELECT id FROM chat.chat_conversations WHERE user_id = $1) AND role = 'user'`
	for _, attack := range []struct {
		sql  string
		args []any
		path string
	}{
		{titles, []any{adaID, benID}, "/api/chat/conversations"},
		{`UPDATE chat.chat_messages SET content = (SELECT m.content FROM chat.chat_messages m JOIN chat.chat_conversations c
			ON c.id = m.conversation_id WHERE c.user_id = $2 AND m.role = 'user')` + ofUser, []any{adaID, benID}, adas},
		{`UPDATE chat.chat_messages SET content = set_byte(content, 15, get_byte(content, 15) # 1)` + ofUser, []any{adaID}, adas},
	} {
		_, err := db.Exec(t.Context(), attack.sql, attack.args...)
		require.NoError(t, err)
		refused := ada.call("GET", attack.path, nil)
		require.Equal(t, http.StatusOK, refused.StatusCode)
		require.Contains(t, string(refused.body), unreadable)
		require.NotContains(t, string(refused.body), "pears", "nothing of anybody else's")
		for _, m := range append(items(refused, "messages"), items(refused, "conversations")...) {
			if m["unreadable"] == true {
				require.Empty(t, m["content"])
				require.Empty(t, m["title"])
			}
		}
	}
	require.Contains(t, string(ben.call("GET", bens, nil).body), "Ben has 60 pears.", "nobody else is hit")
}

// items are those of a list, if the answer has it.
func items(a answer, name string) (all []object) {
	var body map[string]json.RawMessage
	if json.Unmarshal(a.body, &body) == nil {
		_ = json.Unmarshal(body[name], &all) // it may have another list
	}
	return all
}

func TestAttack61AnOldBackupDoesNotBringADeletedUserBack(t *testing.T) {
	p := attacked(t)
	ada, ben := p.browser(t), p.browser(t)
	adaID := ada.register("ada61")["id"].(string)
	ben.register("ben61")
	adas, bens := ada.tell("Ada keeps 61 bees."), ben.tell("Ben keeps 61 geese.")
	dir := t.TempDir()
	content, keys := filepath.Join(dir, "content.sql"), filepath.Join(dir, "keys.sql")
	pg(t, "pg_dump", "--dbname="+p.setting("DATABASE_URL"), "--exclude-schema=*_keys", "--file="+content)

	_, err := p.database(t).Exec(t.Context(), `DELETE FROM auth.users WHERE id = $1`, adaID)
	require.NoError(t, err)
	pg(t, "pg_dump", "--dbname="+p.setting("DATABASE_URL"), "--schema=*_keys", "--file="+keys)

	fresh := pgtest.New(t).Reveal()
	for _, file := range []string{content, keys} {
		pg(t, "psql", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname="+fresh, "--file="+file)
	}
	restored := startPlatform(t, "one process", "DATABASE_URL="+fresh, "ATRIUM_KEY_FILE="+p.setting("ATRIUM_KEY_FILE"))
	in := func(name string) *browser {
		b := restored.browser(t)
		b.must("POST", "/api/auth/login", object{"login": name, "password": "a long enough passphrase"})
		return b
	}
	require.Contains(t, string(in("ben61").call("GET", bens, nil).body), "Ben keeps 61 geese.")
	gone := in("ada61")
	for _, path := range []string{adas, "/api/chat/conversations"} {
		refused := gone.call("GET", path, nil)
		require.Equal(t, http.StatusOK, refused.StatusCode, "%s", refused.body)
		require.Contains(t, string(refused.body), unreadable)
		require.NotContains(t, string(refused.body), "bees")
	}
}

func TestAttack61NothingWrittenIsInADump(t *testing.T) {
	p := attacked(t)
	const word = "canary-of-sealed-61"
	ada := p.browser(t)
	ada.register("ada61dump")
	path := "/api/chat/conversations/" + ada.must("POST", "/api/chat/conversations", object{"title": word, "metadata": object{"note": word}})["id"].(string) + "/messages"
	answer := text(ada.open("POST", path, object{"content": "Repeat: " + word}).rest())
	require.NotEmpty(t, answer)
	untitled := ada.must("POST", "/api/chat/conversations", object{})["id"].(string)
	ada.open("POST", "/api/chat/conversations/"+untitled+"/messages", object{"content": word + " becomes a title"}).rest()
	require.Contains(t, string(ada.call("GET", path, nil).body), word)
	require.Contains(t, string(ada.call("GET", "/api/chat/conversations?q=BECOMES", nil).body), word, "titles are found")

	whole := pg(t, "pg_dump", "--dbname="+p.setting("DATABASE_URL"))
	cache := p.redis(t)
	names, err := cache.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	logs := 0
	for _, name := range names {
		whole = append(whole, name...)
		if cache.Type(t.Context(), name).Val() == "stream" {
			entries, err := cache.XRange(t.Context(), name, "-", "+").Result()
			require.NoError(t, err)
			logs += len(entries)
			for _, entry := range entries {
				for field, value := range entry.Values {
					whole = append(append(whole, field...), value.(string)...)
				}
			}
			continue
		}
		if content, err := cache.Dump(t.Context(), name).Result(); err == nil { // else it has expired
			whole = append(whole, content...)
		}
	}
	require.Contains(t, string(whole), "ada61dump", "the dump does have the user")
	require.NotZero(t, logs, "and the answers' logs")
	for _, secret := range []string{word, answer} {
		for _, form := range []string{secret, hex.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte(secret))[:16]} {
			require.False(t, bytes.Contains(whole, []byte(form)), "%q is in a dump", form)
		}
	}
}
