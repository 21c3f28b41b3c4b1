package directory

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium.internal/pkg/testkit/leak"
	"atrium.internal/services/ide/internal/driver"
)

// startInChild, in the environment, makes the test binary start one workspace
// in that data directory, say so, and wait to be killed.
const startInChild = "ATRIUM_TEST_START_IN_CHILD"

func TestMain(m *testing.M) {
	if data := os.Getenv(startInChild); data != "" {
		startAndWait(data)
	}
	leak.Main(m)
}

func startAndWait(data string) {
	ctx := context.Background()
	d, err := New(Options{DataDir: data, VSCodeDir: vscodeDir()})
	must(err)
	owner, workspace := uuid.New(), uuid.New()
	v, err := d.Ensure(ctx, driver.VolumeSpec{WorkspaceID: workspace, Owner: owner})
	must(err)
	h, err := d.Prepare(ctx, driver.Spec{WorkspaceID: workspace, Owner: owner, Hostname: "child", Folder: "project"})
	must(err)
	_, err = d.Attach(ctx, h, v)
	must(err)
	fmt.Println("started")
	time.Sleep(time.Hour) // until killed
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
