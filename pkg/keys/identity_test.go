package keys_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/pkg/identity"
	"atrium.internal/pkg/keys"
	"atrium.internal/pkg/principal"
	"atrium.internal/pkg/reload"
)

// deployment is a gateway and a service that share the files of the identity keys.
type deployment struct {
	t               *testing.T
	private, public string
	at              time.Time
	signer          *identity.Signer
	verifier        *identity.Verifier
}

func deploy(t *testing.T) *deployment {
	t.Helper()
	dir := t.TempDir()
	d := &deployment{t: t, private: filepath.Join(dir, "identity.pem"), public: filepath.Join(dir, "identity.pub.pem"), at: time.Now()}
	require.NoError(t, keys.EnsureIdentity(d.private, d.public))
	d.start()
	return d
}

// start opens the files as programs do when they start.
func (d *deployment) start() {
	d.t.Helper()
	log := slog.New(slog.DiscardHandler)
	private, err := keys.OpenPrivate(log, d.private)
	require.NoError(d.t, err)
	public, err := keys.OpenPublic(log, d.public)
	require.NoError(d.t, err)
	now := func() time.Time { return d.at }
	d.signer, d.verifier = identity.NewRotatingSigner(private, now), identity.NewRotatingVerifier(public, "chat", now)
}

// token is an identity that nobody else has.
func (d *deployment) token() string {
	d.t.Helper()
	token, err := d.signer.Sign(principal.Principal{Kind: principal.User, UserID: uuid.New()}, "chat")
	require.NoError(d.t, err)
	return token
}

func (d *deployment) verify(token string) error {
	_, err := d.verifier.Verify(token)
	return err
}

// noticed waits until both have looked at their files again.
func (d *deployment) noticed() { time.Sleep(reload.Every + 100*time.Millisecond) }

func TestNoCallIsRefusedDuringARotation(t *testing.T) {
	const lead = 2 * time.Minute
	d := deploy(t)
	first := d.signer.KeyID()
	before := d.token()
	require.NoError(t, d.verify(before))

	rotation, err := keys.RotateIdentity(d.private, d.public, lead, d.at)
	require.NoError(t, err)
	require.WithinDuration(t, d.at.Add(lead), rotation.Signs, time.Second)
	d.noticed()
	require.Equal(t, first, d.signer.KeyID(), "services learn the new key before it signs")
	require.NoError(t, d.verify(before))
	require.NoError(t, d.verify(d.token()))
	_, err = keys.RotateIdentity(d.private, d.public, lead, d.at)
	require.ErrorContains(t, err, "under way")

	d.at = rotation.Signs.Add(-time.Second)
	last := d.token()
	require.Equal(t, first, d.signer.KeyID())
	d.at = rotation.Signs
	second := d.signer.KeyID()
	require.NotEqual(t, first, second)
	require.NoError(t, d.verify(d.token()))
	d.at = d.at.Add(identity.Lifetime + identity.Leeway - 2*time.Second)
	require.NoError(t, d.verify(last), "the old key's last token counts to its end")

	// The next rotation takes what is retired out of the files.
	d.at = rotation.Retired.Add(time.Second)
	_, err = keys.RotateIdentity(d.private, d.public, lead, d.at)
	require.NoError(t, err)
	d.start()
	require.Equal(t, second, d.signer.KeyID())
	require.NoError(t, d.verify(d.token()))
	public, err := keys.OpenPublic(slog.New(slog.DiscardHandler), d.public)
	require.NoError(t, err)
	_, known := public.Public(first, time.Time{})
	require.False(t, known)
}

// A token of a retired key is refused by its time alone, also by a service that
// never looks at the files again; here one that would otherwise still be good.
func TestARetiredKeySignsForNobody(t *testing.T) {
	d := deploy(t)
	text, err := os.ReadFile(d.private)
	require.NoError(t, err)
	stolen := filepath.Join(t.TempDir(), "stolen.pem")
	require.NoError(t, os.WriteFile(stolen, text, 0o600))
	rotation, err := keys.RotateIdentity(d.private, d.public, time.Minute, d.at)
	require.NoError(t, err)
	d.start()

	thief, err := keys.OpenPrivate(slog.New(slog.DiscardHandler), stolen)
	require.NoError(t, err)
	d.at = rotation.Retired.Add(-time.Second)
	forged, err := identity.NewRotatingSigner(thief, func() time.Time { return d.at }).Sign(principal.Principal{Kind: principal.User, UserID: uuid.New()}, "chat")
	require.NoError(t, err)
	require.NoError(t, d.verify(forged))
	d.at = rotation.Retired.Add(time.Second)
	require.ErrorIs(t, d.verify(forged), identity.ErrInvalid, "remembered as good, and refused all the same")
	d.start()
	require.ErrorIs(t, d.verify(forged), identity.ErrInvalid)
}

func TestAReplacedKeyIsRefusedAtOnce(t *testing.T) {
	d := deploy(t)
	old := d.token()
	require.NoError(t, d.verify(old))
	require.NoError(t, keys.ReplaceIdentity(d.private, d.public))
	d.noticed()
	require.ErrorIs(t, d.verify(old), identity.ErrInvalid, "although it was remembered")
	require.NoError(t, d.verify(d.token()))
}

// A service that has just looked does not refuse the first token of a key that
// was published since.
func TestAnUnknownKeyIsLookedForOnce(t *testing.T) {
	d := deploy(t)
	require.NoError(t, d.verify(d.token()))
	require.NoError(t, keys.ReplaceIdentity(d.private, d.public))
	private, err := keys.OpenPrivate(slog.New(slog.DiscardHandler), d.private)
	require.NoError(t, err)
	token, err := identity.NewRotatingSigner(private, func() time.Time { return d.at }).Sign(principal.Principal{Kind: principal.Service}, "chat")
	require.NoError(t, err)
	time.Sleep(reload.Soonest) // the look that it made when it started is over
	require.NoError(t, d.verify(token))
}

func TestAFolderOfPublicKeys(t *testing.T) {
	a, b := deploy(t), deploy(t)
	dir := t.TempDir()
	for name, d := range map[string]*deployment{"a.pem": a, "b.pem": b} {
		text, err := os.ReadFile(d.public)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	both := &deployment{t: t, private: a.private, public: dir, at: time.Now()}
	both.start()
	require.NoError(t, both.verify(a.token()))
	require.NoError(t, both.verify(b.token()))
	require.NoError(t, os.Remove(filepath.Join(dir, "b.pem")))
	both.noticed()
	require.NoError(t, both.verify(a.token()))
	require.ErrorIs(t, both.verify(b.token()), identity.ErrInvalid)
}

func TestFilesAreForTheirReadersOnly(t *testing.T) {
	d := deploy(t)
	_, err := keys.RotateIdentity(d.private, d.public, time.Minute, d.at)
	require.NoError(t, err)
	for path, mode := range map[string]os.FileMode{d.private: 0o600, d.public: 0o644} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), path)
	}
	require.NoError(t, os.Remove(d.public))
	require.NoError(t, keys.EnsureIdentity(d.private, d.public))
	d.start()
	require.NoError(t, d.verify(d.token()), "a public file that was lost is made again")
}

func TestRotationKeepsTheOwnerOfTheFiles(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	d := deploy(t)
	require.NoError(t, os.Chown(d.private, 12345, 12345))
	_, err := keys.RotateIdentity(d.private, d.public, time.Minute, d.at)
	require.NoError(t, err)
	require.Equal(t, 12345, ownerOf(t, d.private))
}

func TestTheKeyIDIsTheThumbprint(t *testing.T) {
	public, err := base64.RawURLEncoding.DecodeString("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
	require.NoError(t, err)
	require.Equal(t, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", identity.KeyID(ed25519.PublicKey(public)), "RFC 8037, A.3")
}

func TestFilesThatHoldNoKeysAreNamed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.pem")
	require.NoError(t, os.WriteFile(path, []byte("nonsense"), 0o600))
	log := slog.New(slog.DiscardHandler)
	_, err := keys.OpenPublic(log, path)
	require.ErrorContains(t, err, path+": not a PEM file")
	_, err = keys.OpenPublic(log, dir)
	require.ErrorContains(t, err, "not a PEM file")
	_, err = keys.OpenPublic(log, t.TempDir())
	require.ErrorContains(t, err, "no *.pem file")
	_, err = keys.OpenPrivate(log, filepath.Join(dir, "missing"))
	require.ErrorContains(t, err, "missing")
}

func TestGatewaysThatStartAtOnceShareOneKey(t *testing.T) {
	for range 20 {
		dir := t.TempDir()
		private, public := filepath.Join(dir, "keys", "identity.pem"), filepath.Join(dir, "public", "identity.pub.pem")
		faults := make(chan error, 8)
		for range cap(faults) {
			go func() { faults <- keys.EnsureIdentity(private, public) }()
		}
		for range cap(faults) {
			require.NoError(t, <-faults)
		}
		d := &deployment{t: t, private: private, public: public, at: time.Now()}
		d.start()
		require.NoError(t, d.verify(d.token()))
	}
}
