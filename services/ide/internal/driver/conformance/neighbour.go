package conformance

import (
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
)

// echo answers every byte on the editor's socket, as a terminal does a key.
const echo = `exec /opt/vscode/node/bin/node -e 'require("net").createServer((c) => { c.setNoDelay?.(); c.pipe(c); c.on("error", () => {}) }).listen("/run/atrium/editor.sock")'`

// bomb takes all the processor and as many processes as it gets.
const bomb = `bomb() { bomb 2>/dev/null | bomb 2>/dev/null & }; bomb; while :; do :; done`

// worst is how much slower a key may be answered beside a fork bomb.
const worst = 1.2

// neighbour measures how long a sandbox takes to answer a byte, alone and beside
// a fork bomb in another, in as many rounds as ATRIUM_MEASURE_NEIGHBOURS says.
// It says nothing on a machine that does much else, so it runs when asked for.
func neighbour(t *testing.T, s Subject) {
	rounds, _ := strconv.Atoi(os.Getenv("ATRIUM_MEASURE_NEIGHBOURS"))
	if rounds <= 0 {
		t.Skip("SKIPPED: ATRIUM_MEASURE_NEIGHBOURS says how many rounds, such as 7")
	}
	fresh := func() driver.VolumeSpec { return driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()} }
	quiet, end := s.Begin(t, fresh(), driver.Limits{CPUMillis: 1000, MemoryBytes: 512 << 20, Processes: 200}, echo)
	defer end()
	var conn net.Conn
	require.Eventually(t, func() (connected bool) {
		var err error
		conn, err = s.Driver.Dial(t.Context(), quiet)
		return err == nil
	}, 30*time.Second, 20*time.Millisecond)
	defer conn.Close()
	var ratios []float64
	for range rounds {
		alone := answers(t, conn)
		_, end := s.Begin(t, fresh(), driver.Limits{CPUMillis: 1000, MemoryBytes: 256 << 20, Processes: 200}, bomb)
		answers(t, conn) // while it spreads
		beside := answers(t, conn)
		end()
		ratios = append(ratios, float64(beside)/float64(alone))
		t.Logf("a byte is answered in %s alone, in %s beside a fork bomb", alone, beside)
	}
	slices.Sort(ratios)
	median := ratios[len(ratios)/2]
	t.Logf("%s: ratio %.2f, from %.2f to %.2f", s.Driver.Name(), median, ratios[0], ratios[len(ratios)-1])
	require.LessOrEqual(t, median, worst)
}

// answers gives the median time of some answers, with a typist's pauses, in
// which others get the processor.
func answers(t *testing.T, conn net.Conn) time.Duration {
	t.Helper()
	const keys = 100
	var took []time.Duration
	key := []byte{'k'}
	for range keys {
		time.Sleep(10 * time.Millisecond)
		began := time.Now()
		_, err := conn.Write(key)
		require.NoError(t, err)
		_, err = io.ReadFull(conn, key)
		require.NoError(t, err)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[keys/2]
}
