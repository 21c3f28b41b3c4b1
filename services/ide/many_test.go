package ide_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	idev1 "atrium.internal/proto/gen/atrium/ide/v1"
	"atrium.internal/services/ide/internal/testdb"
)

// TestManyWorkspaces creates, uses, idles, resumes and deletes as many workspaces
// as ATRIUM_MANY_WORKSPACES says, each of a user's own, in the isolation class of
// ATRIUM_MANY_ISOLATION, and looks for what is left of them. It takes minutes and
// 65 MB for each, so it runs only when asked for.
func TestManyWorkspaces(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("ATRIUM_MANY_WORKSPACES"))
	if n <= 0 {
		t.Skip("SKIPPED: ATRIUM_MANY_WORKSPACES says how many, such as 40")
	}
	p := newPlatformWith(t, func(p *platform) {
		if class := os.Getenv("ATRIUM_MANY_ISOLATION"); class != "" {
			p.config.Isolation, p.config.Image, p.config.DockerHost = class, "atrium-workspace", ""
			p.config.Keeper = os.Getenv("ATRIUM_WORKSPACE_KEEPER")
		}
		p.config.Internet, p.config.StartTimeout = true, 5*time.Minute
	})
	spaces := make([]*many, n)
	for i := range spaces {
		ctx, caller := p.user(t)
		w := p.create(t, ctx, "one")
		spaces[i] = &many{id: w.GetId(), owner: caller.UserID, ctx: func() context.Context { return p.as(t, caller) }}
	}
	phase := func(name string, atOnce int, do func(s *many)) {
		began, slots := time.Now(), make(chan struct{}, atOnce)
		var all sync.WaitGroup
		for _, s := range spaces {
			slots <- struct{}{}
			all.Go(func() { do(s); <-slots })
		}
		all.Wait()
		t.Logf("%d workspaces %s in %s", n, name, time.Since(began).Round(100*time.Millisecond))
	}
	start := func(s *many) {
		_, err := p.workspaces.StartWorkspace(s.ctx(), &idev1.StartWorkspaceRequest{Id: s.id})
		require.NoError(t, err)
		p.awaitLong(t, s, "running")
	}
	phase("started", 2, start)
	phase("used", 4, func(s *many) {
		require.Contains(t, p.get(t, s.id, "/"), "workbench")
		require.NoError(t, os.WriteFile(s.file(p), []byte(s.id), 0o600))
	})
	var memory int64
	for _, s := range spaces {
		stats, err := p.workspaces.GetStats(s.ctx(), &idev1.GetStatsRequest{WorkspaceId: s.id})
		require.NoError(t, err)
		memory += stats.GetMemory().GetUsed()
	}
	t.Logf("memory of each, its page served: %d MB", memory/int64(n)>>20)

	testdb.Exec(t, p.database, `UPDATE ide.ide_workspaces SET last_accessed = now() - interval '1 day'`)
	phase("stopped for idleness", n, func(s *many) {
		require.Contains(t, p.awaitLong(t, s, "stopped").GetStatusReason(), "nobody worked in it")
	})
	phase("resumed", 2, start)
	phase("found with their files", 4, func(s *many) {
		text, err := os.ReadFile(s.file(p))
		require.NoError(t, err)
		require.Equal(t, s.id, string(text))
		require.Contains(t, p.get(t, s.id, "/"), "workbench")
	})
	phase("deleted", 4, func(s *many) {
		_, err := p.workspaces.DeleteWorkspace(s.ctx(), &idev1.DeleteWorkspaceRequest{Id: s.id})
		require.NoError(t, err)
	})
	require.Eventually(t, func() bool {
		return testdb.Value[int](t, p.database, `SELECT count(*) FROM ide.ide_workspaces`) == 0
	}, 10*time.Minute, time.Second)
	for _, s := range spaces {
		testdb.Exec(t, p.database, `DELETE FROM auth.users WHERE id = $1`, s.owner)
	}
	require.Eventually(t, func() bool {
		return testdb.Value[int](t, p.database, `SELECT count(*) FROM ide.removals`) == 0
	}, 10*time.Minute, time.Second)
	p.stop()
	p.nothingIsLeft(t, spaces)
}

// many is one of many workspaces.
type many struct {
	// ctx is the owner's for one call: identities last a minute.
	ctx   func() context.Context
	id    string
	owner uuid.UUID
}

func (s *many) file(p *platform) string {
	return filepath.Join(p.config.DataDir, "users", s.owner.String(), "workspaces", s.id, "kept.txt")
}

func (p *platform) awaitLong(t *testing.T, s *many, status string) *idev1.Workspace {
	t.Helper()
	var w *idev1.Workspace
	require.Eventually(t, func() bool {
		var err error
		w, err = p.workspaces.GetWorkspace(s.ctx(), &idev1.GetWorkspaceRequest{Id: s.id})
		require.NoError(t, err)
		require.NotEqual(t, "error", w.GetStatus(), w.GetStatusReason())
		return w.GetStatus() == status
	}, 10*time.Minute, 100*time.Millisecond)
	return w
}

// nothingIsLeft looks for processes, mounts, loop devices, sockets, folders,
// control groups, containers and networks.
func (p *platform) nothingIsLeft(t *testing.T, spaces []*many) {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(t, err)
	var told bytes.Buffer
	for _, path := range environments {
		text, _ := os.ReadFile(path) // it may have ended
		told.Write(text)
	}
	groups, err := filepath.Glob("/sys/fs/cgroup/*/atrium/*")
	require.NoError(t, err)
	for _, s := range spaces {
		require.NotContains(t, told.String(), s.id, "a process")
		require.NotContains(t, strings.Join(groups, " "), s.id, "a control group")
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	require.NoError(t, err)
	require.NotContains(t, string(mounts), p.config.DataDir)
	loops, err := exec.Command("losetup", "--list", "--noheadings", "--output", "BACK-FILE").CombinedOutput()
	require.NoError(t, err)
	require.NotContains(t, string(loops), p.config.DataDir)
	var left []string
	require.NoError(t, filepath.WalkDir(p.config.DataDir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			left = append(left, strings.TrimPrefix(path, p.config.DataDir))
		}
		return err
	}))
	for _, path := range left {
		require.Regexp(t, `^/ide/(accounts\.json(\.lock)?|deployment\.json|replicas/0|commits/\d+)$`, path)
	}
	if p.config.Isolation != "directory" {
		deployment, err := os.ReadFile(filepath.Join(p.config.DataDir, "ide", "deployment.json"))
		require.NoError(t, err)
		name := strings.Trim(strings.TrimSpace(string(deployment)), `"`)
		text, err := exec.Command("docker", "ps", "--all", "--quiet", "--filter", "label=atrium.deployment="+name).CombinedOutput()
		require.NoError(t, err, "%s", text)
		require.Empty(t, string(text), "containers")
	}
}
