package directory

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver/conformance"
)

// TestWithoutRoot runs the conformance suite as an ordinary account, and once
// more with bubblewrap out of sight.
func TestWithoutRoot(t *testing.T) {
	needRoot(t)
	needVSCode(t)
	const uid = 54321
	vscode, err := filepath.Abs(vscodeDir())
	require.NoError(t, err)
	keeper, err := conformance.Keeper()
	require.NoError(t, err)
	for name, path := range map[string]string{
		"user namespace": "/usr/bin:/bin",
		"plain process":  "/nonexistent",
	} {
		t.Run(name, func(t *testing.T) {
			dir := dataDir(t)
			require.NoError(t, os.Chown(dir, uid, uid))
			cmd := exec.Command(testBinary(t, dir), "-test.run=^TestConformance$", "-test.v", "-test.count=1")
			cmd.Dir = dir
			cmd.Env = []string{"PATH=" + path, "HOME=" + dir, "ATRIUM_VSCODE_DIR=" + vscode, conformance.BuiltKeeper + "=" + keeper, "ATRIUM_REQUIRE_DRIVERS=" + os.Getenv("ATRIUM_REQUIRE_DRIVERS")}
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
			text, err := cmd.CombinedOutput()
			t.Log(string(text))
			require.NoError(t, err)
		})
	}
}
