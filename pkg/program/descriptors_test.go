package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProgramsStartedFromHereInheritNoFiles(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "passed-on")
	file, err := os.Create(secret)
	require.NoError(t, err)
	defer file.Close()
	passedOn, err := syscall.Dup(int(file.Fd())) // as a shell passes a file on
	require.NoError(t, err)
	defer syscall.Close(passedOn)
	child := func() string {
		text, err := exec.Command("ls", "-l", "/proc/self/fd").CombinedOutput()
		require.NoError(t, err, string(text))
		return string(text)
	}
	require.Contains(t, child(), secret, "the test opens it as it should")
	keepDescriptors()
	require.NotContains(t, child(), secret)
}
