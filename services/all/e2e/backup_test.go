package e2e

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// sums are the checksums of all that an account's export says of what its user
// wrote and keeps.
func (b *browser) sums() map[string]string {
	sums := map[string]string{}
	for name, text := range b.export() {
		top, _, _ := strings.Cut(name, "/")
		if top == "conversations" || top == "attachments" || strings.Contains(name, "/files/") || name == "prompts.json" {
			sums[name] = fmt.Sprintf("%x", sha256.Sum256([]byte(text)))
		}
	}
	return sums
}

// A backup of a platform that runs, put back on an empty machine, has every
// account, conversation and file.
func TestABackupComesBackOnAnEmptyMachine(t *testing.T) {
	from := startPlatform(t, "services")
	ada, ben := from.browser(t), from.browser(t)
	ada.register("ada")
	ben.register("ben")
	path := ada.tell("The quince is ripe.")
	running := ada.running("kept")
	resting := ben.must("POST", "/api/ide/workspaces", object{"name": "kept"})["id"].(string)
	for workspace, files := range map[string]shelf{running: ada.shelf(running), resting: ben.shelf(resting)} {
		require.Less(t, files.put("größe.txt", strings.Repeat("kept in "+workspace+"\n", 500)).StatusCode, 300)
	}
	before := map[*browser]map[string]string{ada: ada.sums(), ben: ben.sums()}
	require.GreaterOrEqual(t, len(before[ada]), 3)

	machine := t.TempDir()
	dir, phrase := filepath.Join(machine, "backup", "first"), filepath.Join(machine, "backup.phrase")
	said, err := from.atrium(t, "backup", dir)
	require.Error(t, err)
	require.Contains(t, said, "--passphrase-file", "keys don't go into a backup by the way")
	said, err = from.shell(t, from.env, commands(t, "install -d -m 700"), "2026-11-27", "first", "/backup", filepath.Join(machine, "backup"), "/root/backup.phrase", phrase)
	require.NoError(t, err, said)
	require.Contains(t, said, "done: "+dir)
	from.requireNightly(t, machine)
	key, err := os.ReadFile(from.setting("ATRIUM_KEY_FILE"))
	require.NoError(t, err)
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.NotContains(t, string(text), strings.TrimSpace(string(key)), path)
			require.NotContains(t, string(text), "quince", path)
		}
		return err
	}))

	to := newPlatform(t, "services")
	wrong := filepath.Join(t.TempDir(), "wrong")
	require.NoError(t, os.WriteFile(wrong, []byte("another passphrase\n"), 0o600))
	said, err = to.atrium(t, "restore", dir, "--passphrase-file", wrong)
	require.Error(t, err)
	require.Contains(t, said, "does not open the backup's keys")
	said, err = to.atrium(t, "restore", dir, "--passphrase-file", phrase)
	require.NoError(t, err, said)
	said, err = to.atrium(t, "restore", dir, "--passphrase-file", phrase)
	require.Error(t, err)
	require.Contains(t, said, "not empty")
	ada.must("POST", "/api/ide/workspaces/"+running+"/stop", object{})
	ada.waitStatus(running, "stopped")
	to.start()
	for person, name := range map[*browser]string{ada: "ada", ben: "ben"} {
		again := to.browser(t)
		again.must("POST", "/api/auth/login", object{"login": name, "password": "a long enough passphrase"})
		require.Equal(t, before[person], again.sums(), "equal by checksum")
		if person == ada {
			again.waitStatus(running, "running") // as it was
			again.t.Cleanup(func() { again.delete(running) })
			require.Contains(t, string(again.call("GET", path, nil).body), "The quince is ripe.")
		}
	}
	said, err = to.atrium(t, "audit", "verify")
	require.NoError(t, err, said)

	t.Run("a backup that was changed is refused", func(t *testing.T) {
		file := filepath.Join(dir, "database.dump")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		text[len(text)/2] ^= 1
		require.NoError(t, os.WriteFile(file, text, 0o600))
		said, err := to.atrium(t, "restore", dir, "--passphrase-file", phrase, "--force")
		require.Error(t, err)
		require.Contains(t, said, "database.dump is not as it was written")
	})
}

// requireNightly runs the guide's line for cron, whose settings come from a file
// alone and may say how large pools are.
func (p *platform) requireNightly(t *testing.T, machine string) {
	t.Helper()
	_, line, found := strings.Cut(commands(t, "30 3 * * *"), "* * * root ")
	require.True(t, found)
	settings, address := filepath.Join(machine, "atrium.env"), p.setting("DATABASE_URL")
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	text := fmt.Sprintf("DATABASE_URL='%s%spool_max_conns=20'\nATRIUM_DATA_DIR=%s\nATRIUM_KEY_FILE=%s\n", address, separator, p.setting("ATRIUM_DATA_DIR"), p.setting("ATRIUM_KEY_FILE"))
	require.NoError(t, os.WriteFile(settings, []byte(text), 0o600))
	folder, log := filepath.Join(machine, "backup"), filepath.Join(machine, "log")
	old := filepath.Join(folder, "2020-01-01")
	require.NoError(t, os.Mkdir(old, 0o700))
	require.NoError(t, os.Chtimes(old, time.Now(), time.Now().AddDate(0, 0, -9)))
	said, err := p.shell(t, []string{"HOME=" + machine}, strings.ReplaceAll(line, `\%`, "%"),
		"/etc/atrium.env", settings, "/backup", folder, "/root/backup.phrase", filepath.Join(machine, "backup.phrase"), "/var/log/atrium-backup.log", log)
	require.NoError(t, err, said)
	logged, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Contains(t, string(logged), "done: "+filepath.Join(folder, time.Now().Format(time.DateOnly)))
	require.NoDirExists(t, old, "a week is kept")
	require.DirExists(t, filepath.Join(folder, "first"))
}
