package keeper

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"atrium.internal/services/ide/internal/driver/vscode"
)

// unclaimedFor is how long a sandbox without a user stays when nobody asks for it:
// its driver may have ended for good.
const unclaimedFor = 24 * time.Hour

// Claim says whose a sandbox is that was made before that was known. It comes over
// the socket because the environment holds secrets.
type Claim struct {
	// Env is the environment of programs from now on, as name=value.
	Env []string `json:"env"`
	// Dir is the project's folder.
	Dir string `json:"dir"`
	// Folders are those of which the editor tells what it sees there.
	Folders []string `json:"folders"`
}

// Folder is what an editor sees in a place.
type Folder struct {
	// Node is "device:inode". A kernel of the sandbox's own has other numbers.
	Node string `json:"node"`
	// Changed is when it last changed, in nanoseconds since 1970.
	Changed int64 `json:"changed,string"`
}

// ClaimOf is a claim for an editor that is to see the given folders.
func ClaimOf(env []string, dir string, folders map[string]Folder) Claim {
	return Claim{Env: env, Dir: dir, Folders: slices.Collect(maps.Keys(folders))}
}

// Claim tells the keeper and its editor whose the sandbox is, and gives what the
// editor sees. A second time is refused.
func (c Client) Claim(ctx context.Context, claim Claim) (map[string]Folder, error) {
	conn, answer, err := c.ask(ctx, request{Do: "claim", Claim: &claim})
	if err != nil {
		return nil, err
	}
	return answer.Folders, conn.Close()
}

// claim takes the one word whose the sandbox is.
func (k *keeper) claim(c *Claim) reply {
	k.mu.Lock()
	free := k.unclaimed && c != nil
	k.unclaimed = k.unclaimed && !free
	k.mu.Unlock()
	if !free {
		return reply{Error: "it has its user"}
	}
	folders, err := tellEditor(filepath.Join(k.runDir, vscode.ClaimSocket), c)
	if err != nil {
		return failed(err)
	}
	k.mu.Lock()
	k.env, k.dir = c.Env, c.Dir
	k.mu.Unlock()
	k.shells.Set(c.Env, c.Dir)
	return reply{Folders: folders}
}

// giveUp ends an editor that nobody got, and the sandbox with it.
func (k *keeper) giveUp() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.unclaimed {
		_ = unix.Kill(k.editor, unix.SIGTERM)
	}
}

// tellEditor passes a claim on to the editor's server.
func tellEditor(socket string, c *Claim) (map[string]Folder, error) {
	conn, err := dialer.DialContext(context.Background(), "unix", socket)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return nil, err
	}
	if err := writeLine(conn, c); err != nil {
		return nil, err
	}
	var answer struct {
		Folders map[string]Folder `json:"folders"`
		Error   string            `json:"error"`
	}
	if err := readLine(bufio.NewReader(conn), &answer); err != nil {
		return nil, err
	}
	if answer.Error != "" {
		return nil, fmt.Errorf("the editor: %s", answer.Error)
	}
	return answer.Folders, nil
}
