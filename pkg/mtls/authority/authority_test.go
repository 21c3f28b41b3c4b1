package authority_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/mtls/authority"
)

const lifetime = 90 * 24 * time.Hour

func options(dir string) authority.Options {
	return authority.Options{Dir: dir, TrustDomain: "atrium", Services: []string{"auth", "chat"}, Lifetime: lifetime}
}

// leaf reads a service's certificate together with its key.
func leaf(t *testing.T, dir, service string) *x509.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, service, "cert.pem"), filepath.Join(dir, service, "key.pem"))
	require.NoError(t, err)
	return pair.Leaf
}

// content is every file of the folder.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		require.NoError(t, err)
		if !entry.IsDir() {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			all[path] = string(text)
		}
		return nil
	}))
	return all
}

func TestEachServiceGetsItsOwn(t *testing.T) {
	dir, now := filepath.Join(t.TempDir(), "certs"), time.Now()
	renewed, err := authority.Renew(options(dir), now)
	require.NoError(t, err)
	require.Equal(t, []string{"auth", "chat"}, renewed)
	chat := leaf(t, dir, "chat")
	require.Equal(t, "spiffe://atrium/chat", chat.URIs[0].String())
	require.Equal(t, []string{"chat"}, chat.DNSNames)
	require.False(t, chat.IsCA)
	require.WithinDuration(t, now.Add(lifetime), chat.NotAfter, time.Second)
	for path, mode := range map[string]os.FileMode{".": 0o700, "ca.key": 0o600, "chat": 0o700, "chat/key.pem": 0o600} {
		info, err := os.Stat(filepath.Join(dir, path))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), path)
	}
	require.NoFileExists(t, filepath.Join(dir, "chat", "ca.key"))
}

func TestWhatIsGoodStays(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	_, err := authority.Renew(options(dir), now)
	require.NoError(t, err)
	before := content(t, dir)
	renewed, err := authority.Renew(options(dir), now.Add(lifetime/2))
	require.NoError(t, err)
	require.Empty(t, renewed)
	require.Equal(t, before, content(t, dir))
}

func TestWhatEndsSoonIsRenewed(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	_, err := authority.Renew(options(dir), now)
	require.NoError(t, err)
	authorityBefore, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	require.NoError(t, err)
	later := now.Add(lifetime * 3 / 4)
	renewed, err := authority.Renew(options(dir), later)
	require.NoError(t, err)
	require.Equal(t, []string{"auth", "chat"}, renewed)
	require.WithinDuration(t, later.Add(lifetime), leaf(t, dir, "chat").NotAfter, time.Second)
	authorityAfter, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	require.NoError(t, err)
	require.Equal(t, authorityBefore, authorityAfter)
}

func TestARunThatWasCutShortIsMadeGood(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	_, err := authority.Renew(options(dir), now)
	require.NoError(t, err)
	require.NoError(t, os.Remove(filepath.Join(dir, "chat", "key.pem")))
	auth, err := os.ReadFile(filepath.Join(dir, "auth", "cert.pem"))
	require.NoError(t, err)
	renewed, err := authority.Renew(options(dir), now)
	require.NoError(t, err)
	require.Equal(t, []string{"chat"}, renewed)
	leaf(t, dir, "chat")
	after, err := os.ReadFile(filepath.Join(dir, "auth", "cert.pem"))
	require.NoError(t, err)
	require.Equal(t, auth, after)
}

func TestNothingOfOthersIsOverwritten(t *testing.T) {
	now := time.Now()
	foreign := t.TempDir()
	_, err := authority.Renew(options(foreign), now)
	require.NoError(t, err)
	move := func(t *testing.T, dir, from, to string) {
		t.Helper()
		text, err := os.ReadFile(filepath.Join(foreign, from))
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, to)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, to), text, 0o600))
	}
	for name, prepare := range map[string]func(t *testing.T, dir string){
		"an authority without its key": func(t *testing.T, dir string) { move(t, dir, "ca.pem", "ca.pem") },
		"a key without its authority":  func(t *testing.T, dir string) { move(t, dir, "ca.key", "ca.key") },
		"a service in its place": func(t *testing.T, dir string) {
			move(t, dir, "chat/cert.pem", "ca.pem")
			move(t, dir, "chat/key.pem", "ca.key")
		},
		"a key of somebody's": func(t *testing.T, dir string) {
			_, err := authority.Renew(options(dir), now)
			require.NoError(t, err)
			require.NoError(t, os.Remove(filepath.Join(dir, "chat", "cert.pem")))
		},
		"another authority's certificate": func(t *testing.T, dir string) {
			_, err := authority.Renew(options(dir), now)
			require.NoError(t, err)
			move(t, dir, "chat/cert.pem", "chat/cert.pem")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			prepare(t, dir)
			before := content(t, dir)
			_, err := authority.Renew(options(dir), now.Add(lifetime))
			require.ErrorContains(t, err, "nothing was changed")
			require.Equal(t, before, content(t, dir))
		})
	}
}

func TestAnAuthorityThatHasEndedSaysSo(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	_, err := authority.Renew(options(dir), now)
	require.NoError(t, err)
	_, err = authority.Renew(options(dir), now.AddDate(11, 0, 0))
	require.ErrorContains(t, err, "ended on")
}
