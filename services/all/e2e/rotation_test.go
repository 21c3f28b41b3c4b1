package e2e

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"atrium.internal/pkg/grpcx"
	authv1 "atrium.internal/proto/gen/atrium/auth/v1"
)

// load asks every service for something, again and again.
type load struct {
	answered atomic.Int64
	ended    atomic.Bool
	askers   sync.WaitGroup
	mu       sync.Mutex
	refused  []string
}

func (b *browser) load() *load {
	l := &load{}
	for _, path := range []string{"/api/users/me", "/api/chat/conversations", "/api/ide/workspaces", "/api/ai/models"} {
		r := b.request("GET", path, nil)
		l.askers.Go(func() {
			for !l.ended.Load() {
				l.note(path, askOnce(r))
			}
		})
	}
	return l
}

func askOnce(r *http.Request) error {
	response, err := client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", response.Status, body)
	}
	return err
}

func (l *load) note(path string, err error) {
	l.answered.Add(1)
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.refused = append(l.refused, path+": "+err.Error())
	}
}

// goesOn waits until many more requests have been answered.
func (l *load) goesOn(t *testing.T) {
	t.Helper()
	target := l.answered.Load() + 200
	eventually(t, "requests are answered", func() error {
		if l.answered.Load() < target {
			return errors.New("not yet")
		}
		return nil
	})
}

func (l *load) end(t *testing.T) {
	t.Helper()
	l.ended.Store(true)
	l.askers.Wait()
	require.Empty(t, l.refused)
}

// rotate runs the operator's command.
func (p *platform) rotate(t *testing.T, flags ...string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(p.bin, "atrium"), append([]string{"keys", "rotate-identity"}, flags...)...)
	cmd.Env = p.env
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func TestTheIdentityKeyIsRotatedUnderLoad(t *testing.T) {
	forEachMode(t, []string{"ATRIUM_RATE_LIMIT_API=0", "ATRIUM_RATE_LIMIT_AI=0"}, func(t *testing.T, p *platform) {
		ada := p.browser(t)
		ada.register("ada")
		old := identityKey(t, p)
		requests := ada.load()
		requests.goesOn(t)

		const lead = 5 * time.Second // far longer than the programs take to look at their files
		p.rotate(t, "--lead", lead.String())
		eventually(t, "the new key signs", func() error {
			if identityKey(t, p).Equal(old) {
				return errors.New("not yet")
			}
			return nil
		})
		requests.goesOn(t)
		// What the next rotation does when the old key is retired. Were it still
		// used, every request would now fail.
		time.Sleep(2 * time.Second) // the gateway's clock is this machine's, its calls under way are not
		public := p.setting("ATRIUM_IDENTITY_PUBLIC_KEY")
		text, err := os.ReadFile(public)
		require.NoError(t, err)
		newest, rest := pem.Decode(text)
		require.NotEmpty(t, rest, "both keys were published")
		require.NoError(t, os.WriteFile(public+".new", pem.EncodeToMemory(newest), 0o644))
		require.NoError(t, os.Rename(public+".new", public))
		time.Sleep(2 * time.Second) // longer than the programs take to look
		requests.goesOn(t)
		requests.end(t)
		t.Logf("%d requests, none refused", requests.answered.Load())
	})
}

func TestAttack57AnIdentityOfARetiredKeyIsRefused(t *testing.T) {
	p := startPlatform(t, "services")
	ada := p.browser(t)
	id := ada.register("ada")["id"].(string)
	old := identityKey(t, p)
	users := authv1.NewUserServiceClient(p.dial(t, "auth", p.endpoint(t, "gateway").Dial("auth")))
	ask := func(token string) codes.Code {
		_, err := users.GetMe(metadata.AppendToOutgoingContext(t.Context(), grpcx.MetadataIdentity, token), &authv1.GetMeRequest{})
		return status.Code(err)
	}
	remembered := signedBy(t, old, nil, id, []string{"auth"})
	require.Equal(t, codes.OK, ask(remembered))

	p.rotate(t, "--at-once")
	eventually(t, "a remembered identity of the old key is refused", func() error {
		if code := ask(remembered); code != codes.Unauthenticated {
			return fmt.Errorf("%s", code)
		}
		return nil
	})
	require.Equal(t, codes.Unauthenticated, ask(signedBy(t, old, nil, id, []string{"auth"})), "and so is a new one")
	require.Equal(t, codes.OK, ask(signed(t, p, id, []string{"auth"})))
	eventually(t, "the gateway signs with the new key", func() error { return askOnce(ada.request("GET", "/api/users/me", nil)) })
}
