package e2e

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

const exportPath = "/api/users/me/export"

// export downloads a person's zip and gives its files by name.
func (b *browser) export() map[string]string {
	b.t.Helper()
	got := b.call("GET", exportPath, nil)
	require.Equal(b.t, http.StatusOK, got.StatusCode, "%s", got.body)
	require.Equal(b.t, "application/zip", got.Header.Get("Content-Type"))
	require.Equal(b.t, "no-store", got.Header.Get("Cache-Control"))
	require.Regexp(b.t, `^attachment; filename="atrium-\d{4}-\d\d-\d\d\.zip"$`, got.Header.Get("Content-Disposition"))
	archive, err := zip.NewReader(bytes.NewReader(got.body), int64(len(got.body)))
	require.NoError(b.t, err)
	files := map[string]string{}
	for _, entry := range archive.File {
		f, err := entry.Open()
		require.NoError(b.t, err)
		text, err := io.ReadAll(f)
		require.NoError(b.t, err, "the checksum is right")
		require.NotContains(b.t, files, entry.Name)
		files[entry.Name] = string(text)
	}
	return files
}

// matching gives the one file whose name has the beginning and the end.
func matching(t *testing.T, files map[string]string, prefix, suffix string) string {
	t.Helper()
	var found []string
	for name, text := range files {
		if strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) {
			found = append(found, text)
		}
	}
	require.Len(t, found, 1, "%s…%s", prefix, suffix)
	return found[0]
}

// put writes a file into a workspace's folder, as its user.
func (p *platform) put(t *testing.T, user, workspace, name string, text []byte) {
	t.Helper()
	folder := p.projectFolder(user, workspace)
	owner, err := os.Stat(folder)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), text, 0o644))
	stat := owner.Sys().(*syscall.Stat_t)
	require.NoError(t, os.Chown(filepath.Join(folder, name), int(stat.Uid), int(stat.Gid)))
}

func (p *platform) projectFolder(user, workspace string) string {
	return filepath.Join(p.setting("ATRIUM_DATA_DIR"), "users", user, "workspaces", workspace)
}

func TestAnExportHasEverythingOfOnesOwn(t *testing.T) {
	needVSCode(t)
	forEachMode(t, []string{"ATRIUM_AI_DEMO_WORDS_PER_SECOND=500", "ATRIUM_RATE_LIMIT_EXPORT=0"}, func(t *testing.T, p *platform) {
		const mine, theirs = "canary-of-ada-77", "canary-of-eve-78"
		ada, eve := p.browser(t), p.browser(t)
		id := ada.register("ada")["id"].(string)
		eveID := eve.register("eve")["id"].(string)
		for b, word := range map[*browser]string{ada: mine, eve: theirs} {
			b.must("POST", "/api/chat/conversations/"+b.conversation()+"/messages", object{"content": "Say " + word})
			b.must("PATCH", "/api/users/me", object{"fullName": word, "settings": object{"theme": word}})
			b.must("POST", "/api/auth/tokens", object{"name": word, "scopes": []string{"chat"}})
		}
		enrolled := ada.must("POST", "/api/auth/totp", object{})
		workspace, eves := ada.running("notes"), eve.running("notes")
		p.put(t, id, workspace, "mine.txt", []byte(mine))
		p.put(t, eveID, eves, "theirs.txt", []byte(theirs))
		hop := filepath.Join(t.TempDir(), "hop")
		require.NoError(t, os.Symlink(p.projectFolder(eveID, eves), hop))
		require.NoError(t, os.Symlink(hop, filepath.Join(p.projectFolder(id, workspace), "way-out")))

		files := ada.export()
		var account struct {
			User struct {
				ID, Email, FullName string
				Settings            map[string]string
			}
			Plan struct{ Name string }
		}
		require.NoError(t, json.Unmarshal([]byte(files["account.json"]), &account))
		require.Equal(t, id, account.User.ID)
		require.Equal(t, "ada@example.com", account.User.Email)
		require.Equal(t, mine, account.User.FullName)
		require.Equal(t, mine, account.User.Settings["theme"])
		require.Equal(t, "free", account.Plan.Name)
		require.Contains(t, files["devices.json"], "127.0.0.1")
		require.Contains(t, files["api-tokens.json"], mine)
		require.JSONEq(t, "[]", files["identities.json"])
		for _, event := range []string{"auth.register", "user.update", "auth.token.create", "workspace.start", "account.export"} {
			require.Contains(t, files["audit.json"], event)
		}
		require.Contains(t, files["usage.csv"], ",settled,")
		require.Contains(t, matching(t, files, "conversations/", ".json"), "Say "+mine)
		require.Contains(t, matching(t, files, "conversations/", ".md"), "Say "+mine)
		require.Contains(t, files["workspaces.json"], workspace)
		require.Equal(t, mine, matching(t, files, "workspaces/notes-", "/files/mine.txt"))
		require.Contains(t, matching(t, files, "workspaces/notes-", "/links-and-skipped.json"), "way-out")

		secrets := rows(t, p, `SELECT password_hash FROM auth.users UNION SELECT token FROM auth.sessions UNION SELECT token FROM auth.api_tokens
			UNION SELECT session_token FROM ide.ide_sessions UNION SELECT encode(secret, 'hex') FROM auth.totp`)
		secrets = append(secrets, enrolled["secret"].(string), strings.SplitN(ada.cookie, "=", 2)[1], theirs, eveID, "eve@example.com", "$argon2")
		for name, text := range files {
			for _, secret := range secrets {
				require.NotContains(t, name+text, secret, name)
			}
		}
		s, _ := ada.token("chat")
		require.Equal(t, "SCOPE_MISSING", s.call("GET", exportPath, nil).reason(), "it takes the scope account")
		require.Equal(t, http.StatusUnauthorized, p.browser(t).call("GET", exportPath, nil).StatusCode)
	})
}

func TestAnExportThatFailsIsNeverTakenForWhole(t *testing.T) {
	needVSCode(t)
	p := startPlatform(t, "services", "ATRIUM_RATE_LIMIT_EXPORT=0")
	ada := p.browser(t)
	id := ada.register("ada")["id"].(string)
	workspace := ada.running("big")
	noise := make([]byte, 96<<20) // more than all buffers on the way
	_, _ = rand.Read(noise)
	p.put(t, id, workspace, "noise", noise)

	response, err := client.Do(ada.request("GET", exportPath, nil))
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	_, err = io.CopyN(io.Discard, response.Body, 1<<20)
	require.NoError(t, err)
	second := ada.call("GET", exportPath, nil)
	require.Equal(t, http.StatusTooManyRequests, second.StatusCode, "one at a time")
	require.Equal(t, "EXPORT_RUNNING", second.reason())

	p.kill("ided")
	_, err = io.Copy(io.Discard, response.Body)
	require.Error(t, err, "the download is cut, not ended")

	eventually(t, "a service that is away is an error", func() error {
		got := ada.call("GET", exportPath, nil)
		if got.StatusCode != http.StatusServiceUnavailable {
			return statusError(got.Status)
		}
		require.Equal(t, "application/json", got.Header.Get("Content-Type"))
		require.NotEmpty(t, got.Header.Get("Retry-After"))
		return nil
	})
	p.start()
	require.Len(t, matching(t, ada.export(), "workspaces/big-", "/files/noise"), len(noise), "and whole the next time")

	response, err = client.Do(ada.request("GET", exportPath, nil))
	require.NoError(t, err)
	defer response.Body.Close()
	_, err = io.CopyN(io.Discard, response.Body, 1<<20)
	require.NoError(t, err)
	ada.must("POST", "/api/auth/logout", object{})
	_, err = io.Copy(io.Discard, response.Body)
	require.Error(t, err, "it ends with the session")
	ada.must("POST", "/api/auth/login", object{"login": "ada", "password": "a long enough passphrase"})
}

func TestAnExportTakesNoMemoryOfItsSize(t *testing.T) {
	needVSCode(t)
	p := startPlatform(t, "one process", promptly)
	ada := p.browser(t)
	id := ada.register("ada")["id"].(string)
	workspace := ada.running("large")
	const size = 900 << 20 // of the plan's gibibyte
	p.put(t, id, workspace, "large", nil)
	require.NoError(t, os.Truncate(filepath.Join(p.projectFolder(id, workspace), "large"), size))
	before := p.peakMemory(t, "atrium")
	response, err := client.Do(ada.request("GET", exportPath, nil))
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	n, err := io.Copy(io.Discard, response.Body)
	require.NoError(t, err)
	grown := p.peakMemory(t, "atrium") - before
	t.Logf("%d MB of files made a zip of %d KB; the process grew by %d MB at its peak", size>>20, n>>10, grown>>20)
	require.Less(t, grown, int64(100<<20))
}

// promptly has programs collect garbage as it comes instead of up to a floor, so
// that their memory shows what they hold.
const promptly = "GOGC=100"

// peakMemory is the most that a program had in memory so far, in bytes.
func (p *platform) peakMemory(t *testing.T, program string) int64 {
	t.Helper()
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.started[program].Process.Pid), "status"))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(status), "VmHWM:")
	require.True(t, found)
	kilobytes, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	require.NoError(t, err)
	return kilobytes << 10
}

func TestExportsAreLimited(t *testing.T) {
	p := startPlatform(t, "one process", "ATRIUM_RATE_LIMIT_EXPORT=2")
	ada := p.browser(t)
	ada.register("ada")
	for range 2 {
		ada.export()
	}
	got := ada.call("GET", exportPath, nil)
	require.Equal(t, http.StatusTooManyRequests, got.StatusCode)
	require.Equal(t, "RATE_LIMITED", got.reason())
	require.NotEmpty(t, got.Header.Get("Retry-After"))
}
