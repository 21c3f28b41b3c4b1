package pdftext

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// captiveEnv makes this test binary try what a hostile PDF would.
const captiveEnv = "ATRIUM_TEST_CAPTIVE"

func TestMain(m *testing.M) {
	switch os.Getenv(captiveEnv) {
	case "":
		os.Exit(m.Run())
	case "reach":
		reach()
	case "spin":
		spin()
	case "fill":
		fill()
	}
}

func reach() {
	if err := confine(); err != nil {
		fmt.Println(err)
		return
	}
	_, open := os.Open("/etc/hostname")
	_, connect := net.Dial("tcp", "127.0.0.1:1")
	_, write := os.Create(os.TempDir() + "/planted")
	fmt.Println(open, connect, write)
}

func spin() {
	_ = confine()
	// The hard limit is seconds; the same control with one of them.
	_ = unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: 1, Max: 1})
	for n := 0; ; n++ {
		_ = n
	}
}

func fill() {
	_ = confine()
	debug.SetGCPercent(-1)
	var kept [][]byte
	for range 1 << 10 { // a gigabyte
		b := make([]byte, 1<<20)
		for i := range b {
			b[i] = 1
		}
		kept = append(kept, b)
	}
	fmt.Println(len(kept), "MiB were to be had")
}

func captive(t *testing.T, what string) (string, error) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{captiveEnv + "=" + what}
	out, err := cmd.Output()
	return string(out), err
}

func TestTheChildReachesNothing(t *testing.T) {
	out, err := captive(t, "reach")
	require.NoError(t, err)
	require.Equal(t, 3, strings.Count(out, "too many open files"), out)
	_, err = captive(t, "spin")
	require.Error(t, err)
	require.Equal(t, "signal: killed", err.Error())
	out, err = captive(t, "fill")
	require.Error(t, err)
	require.Empty(t, out)
}
