package e2e

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/testkit/fakeai"
)

// remembered is how long Redis may remember a deleted account's finished
// answers, which nothing leads to any more.
const remembered = 10 * time.Minute

// marks are what a person can be found by.
type marks struct {
	id, workspace string
	words         []string
}

func TestADeletedAccountIsGone(t *testing.T) {
	needVSCode(t)
	far := fakeai.New(t)
	env := []string{"ANTHROPIC_API_KEY=sk-test", "ANTHROPIC_BASE_URL=" + far.AnthropicURL()}
	forEachMode(t, env, func(t *testing.T, p *platform) {
		const word = "canary-of-zoe-4411"
		zoe, eve := p.browser(t), p.browser(t)
		id := zoe.register("zoe-the-deleted")["id"].(string)
		eveID := eve.register("eve")["id"].(string)
		gone := marks{id: id, words: []string{"zoe-the-deleted", word}}

		talk := func(b *browser, word string) {
			t.Helper()
			b.must("POST", "/api/chat/conversations/"+b.conversation()+"/messages", object{"content": "Remember " + word}, "Idempotency-Key", "talk")
			b.must("PATCH", "/api/users/me", object{"fullName": word, "settings": object{"note": word}})
			b.must("POST", "/api/auth/tokens", object{"name": word, "scopes": []string{"chat", "account"}}, "Idempotency-Key", "token")
			b.must("POST", "/api/ide/workspaces", object{"name": word}, "Idempotency-Key", "workspace")
		}
		talk(zoe, word)
		talk(eve, "eves-own-words")
		s, _ := zoe.token("chat", "account")
		gone.workspace = zoe.keepRunning("project")
		eves := eve.running("project")
		p.put(t, id, gone.workspace, word+".txt", []byte(word))
		p.put(t, eveID, eves, "eve.txt", []byte("eves-own-words"))
		zoe.must("PATCH", "/api/ide/workspaces/"+gone.workspace, object{"name": word + " two"})
		door := zoe.enter(gone.workspace)
		require.Less(t, door.get("/").StatusCode, 400)

		before := len(far.Calls())
		open := zoe.open("POST", "/api/chat/conversations/"+zoe.conversation()+"/messages",
			object{"content": "Tell me about " + word + ". [[fake:slow=50ms]][[fake:text=" + strings.Repeat(word+" ", 5000) + "]]"})
		for range 5 {
			_, ok := open.next()
			require.True(t, ok)
		}
		call, err := far.Wait(t.Context(), before)
		require.NoError(t, err)

		if p.mode == "services" {
			p.kill("ided") // it has to do its part when it is back
		}
		cookie := zoe.cookie
		got := zoe.call("DELETE", "/api/users/me", nil)
		require.Equal(t, http.StatusOK, got.StatusCode, "%s", got.body)
		require.True(t, strings.HasSuffix(zoe.cookie, "="), "the cookie is cleared")
		if p.mode == "services" {
			p.start()
		}
		require.Equal(t, http.StatusUnauthorized, zoe.call("GET", "/api/users/me", nil, "Cookie", cookie).StatusCode)
		require.Equal(t, http.StatusUnauthorized, s.call("GET", "/api/users/me", nil).StatusCode)
		require.Equal(t, http.StatusUnauthorized, door.get("/").StatusCode)
		if events := open.rest(); len(events) > 0 {
			require.NotEqual(t, "done", events[len(events)-1].name, "the open stream ends")
		}
		select {
		case <-call.Done():
			require.True(t, call.ClientLeft(), "the provider's call is given up")
		case <-time.After(patience):
			t.Error("the provider still answers")
		}
		began := time.Now()
		within(t, 2*patience, "nothing of the account is left", func() error {
			return errors.Join(p.leftInPostgres(t, gone), p.leftInRedis(t, gone), p.leftOnDisk(gone), leftRunning(gone.workspace))
		})
		t.Logf("nothing of the account was left %s after its deletion", time.Since(began).Round(time.Second))

		require.Len(t, eve.must("GET", "/api/chat/conversations", nil)["conversations"], 1, "others keep what is theirs")
		require.Equal(t, "running", eve.must("GET", "/api/ide/workspaces/"+eves, nil)["status"])
		kept, err := os.ReadFile(filepath.Join(p.projectFolder(eveID, eves), "eve.txt"))
		require.NoError(t, err)
		require.Equal(t, "eves-own-words", string(kept))
		require.Contains(t, rows(t, p, `SELECT user_id::text FROM audit.audit_log WHERE event_type = 'user.delete'`), id, "the log keeps who, and what was done")
		require.NotContains(t, p.logs.String(), `"level":"ERROR"`)
		require.NotContains(t, p.logs.String(), "level=ERROR")
		p.browser(t).register("zoe-the-deleted")
	})
}

func TestEveryTableOfUsersGoesWithThem(t *testing.T) {
	p := startPlatform(t, "one process")
	loose := rows(t, p, `SELECT format('%s.%s', n.nspname, c.relname) FROM pg_attribute a
		JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE a.attname IN ('user_id', 'owner_id', 'owner') AND NOT a.attisdropped AND n.nspname NOT IN ('pg_catalog', 'information_schema')
		AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f' AND f.confdeltype = 'c'
			AND a.attnum = ANY (f.conkey)) ORDER BY 1`)
	require.Equal(t, []string{
		"audit.audit_log",       // outlives accounts
		"auth.idempotency_keys", // also of people without an account; emptied by the deletion itself
		"chat.search_entries",   // go with their conversation, and that with the account
		"ide.removals",          // what is still to be deleted
	}, loose)
}

// keepRunning is running for a workspace that does not outlive its account.
func (b *browser) keepRunning(name string) string {
	b.t.Helper()
	id := b.must("POST", "/api/ide/workspaces", object{"name": name})["id"].(string)
	b.must("POST", "/api/ide/workspaces/"+id+"/start", object{})
	b.waitStatus(id, "running")
	return id
}

// within polls for as long as it is told to.
func within(t *testing.T, long time.Duration, what string, check func() error) {
	t.Helper()
	deadline := time.Now().Add(long)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s: %v", long, what, err)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// in says which mark a text holds, also as the bytes that a database prints.
func (m marks) in(text string) (string, bool) {
	for _, word := range append([]string{m.id, strings.ReplaceAll(m.id, "-", "")}, m.words...) {
		if strings.Contains(text, word) || strings.Contains(text, hex.EncodeToString([]byte(word))) {
			return word, true
		}
	}
	return "", false
}

// leftInPostgres looks through every row of every table. The audit log alone
// keeps the id, and nothing else.
func (p *platform) leftInPostgres(t *testing.T, m marks) error {
	var faults []error
	for _, table := range rows(t, p, `SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`) {
		sought := m
		if table == "audit.audit_log" {
			sought.id = m.words[0]
		}
		for _, row := range rows(t, p, `SELECT t::text FROM `+table+` t`) {
			if word, found := sought.in(row); found {
				faults = append(faults, fmt.Errorf("%s holds %s: %.300s", table, word, row))
				break
			}
		}
	}
	return errors.Join(faults...)
}

// leftInRedis looks at every key. A finished answer's log may stay for a while.
func (p *platform) leftInRedis(t *testing.T, m marks) error {
	client := p.redis(t)
	var faults []error
	keys := client.Scan(t.Context(), 0, "*", 1000).Iterator()
	for keys.Next(t.Context()) {
		key := keys.Val()
		life, err := client.TTL(t.Context(), key).Result()
		if err != nil {
			return err
		}
		if life == -1 { // -2 has just gone
			faults = append(faults, fmt.Errorf("redis: %s never ends", key))
		}
		word, found := m.in(key + valueOf(t, client, key))
		if !found || (strings.HasPrefix(key, "atrium:chat:log:") && life <= remembered) {
			continue
		}
		faults = append(faults, fmt.Errorf("redis: %s holds %s for %s", key, word, life))
	}
	return errors.Join(append(faults, keys.Err())...)
}

// valueOf is a value as text, whatever its type; what has expired is empty.
func valueOf(t *testing.T, client *redis.Client, key string) string {
	switch client.Type(t.Context(), key).Val() {
	case "string":
		return client.Get(t.Context(), key).Val()
	case "stream":
		return fmt.Sprint(client.XRange(t.Context(), key, "-", "+").Val())
	case "hash":
		return fmt.Sprint(client.HGetAll(t.Context(), key).Val())
	case "set":
		return fmt.Sprint(client.SMembers(t.Context(), key).Val())
	case "zset":
		return fmt.Sprint(client.ZRange(t.Context(), key, 0, -1).Val())
	case "list":
		return fmt.Sprint(client.LRange(t.Context(), key, 0, -1).Val())
	}
	return ""
}

// leftOnDisk looks at every name and every file of the data directory.
func (p *platform) leftOnDisk(m marks) error {
	m.words = append(m.words, m.workspace)
	var faults []error
	err := filepath.WalkDir(p.setting("ATRIUM_DATA_DIR"), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		if word, found := m.in(entry.Name()); found {
			faults = append(faults, fmt.Errorf("on disk: %s is called %s", path, word))
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil //nolint:nilerr // it has just gone
		}
		if word, found := m.in(string(text)); found {
			faults = append(faults, fmt.Errorf("on disk: %s holds %s", path, word))
		}
		return nil
	})
	return errors.Join(append(faults, err)...)
}

// leftRunning looks for processes of a workspace.
func leftRunning(workspace string) error {
	all, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return err
	}
	for _, file := range all {
		environ, err := os.ReadFile(file)
		if err == nil && bytes.Contains(environ, []byte("ATRIUM_WORKSPACE_ID="+workspace)) {
			return fmt.Errorf("%s still runs", filepath.Dir(file))
		}
	}
	return nil
}
