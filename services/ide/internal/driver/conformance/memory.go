package conformance

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
)

// outOfMemory is fault row 17: a sandbox takes more memory than it may. What it
// had synced stays, and a neighbour answers all the while.
func outOfMemory(t *testing.T, s Subject, caps driver.Caps) {
	for _, weaker := range caps.Weaker {
		if strings.Contains(weaker, "memory") {
			t.Skip("SKIPPED: " + weaker)
		}
	}
	fresh := func() driver.VolumeSpec { return driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()} }
	quiet, end := s.Begin(t, fresh(), driver.Limits{CPUMillis: 1000, MemoryBytes: 256 << 20, Processes: 200}, echo)
	defer end()
	var conn net.Conn
	require.Eventually(t, func() (connected bool) {
		var err error
		conn, err = s.Driver.Dial(t.Context(), quiet)
		return err == nil
	}, 30*time.Second, 20*time.Millisecond)
	defer conn.Close()

	hungry := fresh()
	_, endHungry := s.Begin(t, hungry, driver.Limits{CPUMillis: 2000, MemoryBytes: 128 << 20, Processes: 100}, `cd /workspaces/project
		echo kept > synced && sync synced
		/opt/vscode/node/bin/node -e 'const a = []; for (;;) a.push(Buffer.alloc(1 << 20, 1))'
		echo "$?" > ended; sync ended; sleep 1000`)
	key := []byte{'k'}
	for until := time.Now().Add(3 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
		_, err := conn.Write(key)
		require.NoError(t, err)
		_, err = io.ReadFull(conn, key)
		require.NoError(t, err, "a neighbour answers")
	}
	endHungry()
	said := s.Script(t, hungry, `cd /workspaces/project; cat synced; [ "$(cat ended 2>/dev/null)" = 0 ] || echo "it got no more"`)
	require.Contains(t, said, "kept")
	require.Contains(t, said, "it got no more")
	stats, err := s.Driver.Stats(t.Context(), quiet)
	require.NoError(t, err)
	require.Zero(t, stats.OutOfMemory, "it was not the neighbour's")
}
