package workspace_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"atrium.internal/services/ide/internal/driver"
	"atrium.internal/services/ide/internal/driver/fakedriver"
	"atrium.internal/services/ide/internal/workspace"
)

// newHouseOfTwo has a second isolation class, "strong".
func newHouseOfTwo(t *testing.T) (*house, *fakedriver.Driver) {
	h := newHouse(t)
	strong := fakedriver.NewClass("strong")
	h.kill()
	h.others = []driver.Driver{strong}
	h.open()
	return h, strong
}

func TestThePlanDecidesTheIsolationClass(t *testing.T) {
	h, strong := newHouseOfTwo(t)
	plain, u := h.user(), h.user()
	u.Plan.Isolation = "strong"
	require.Equal(t, "fake", h.run(plain, "one").Isolation)
	w := h.run(u, "one")
	require.Equal(t, "strong", w.Isolation)
	_, running := strong.Sandbox(w.ID)
	require.True(t, running)

	// Another plan holds from the next start on, and nothing stays behind.
	u.Plan.Isolation = ""
	h.manager.Reconcile(t.Context())
	require.Equal(t, "strong", h.await(w.ID, workspace.Running).Isolation)
	_, err := h.manager.Restart(t.Context(), u, w.ID)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		_, running := h.driver.Sandbox(w.ID)
		return running && h.await(w.ID, workspace.Running).Isolation == "fake"
	}, 20*time.Second, 5*time.Millisecond)
	exists, _ := strong.Sandbox(w.ID)
	require.False(t, exists)
}

func TestAClassThatDoesNotAnswerIsLeftAlone(t *testing.T) {
	h, strong := newHouseOfTwo(t)
	plain, u := h.user(), h.user()
	u.Plan.Isolation = "strong"
	w := h.run(u, "one")
	h.kill()
	strong.Fail("List", errors.New("the engine is away"))
	h.open()

	// The other class works on, also from its first start.
	h.run(plain, "one")
	prepared := strong.Count("Prepare")
	h.manager.Reconcile(t.Context())
	_, err := h.manager.Halt(t.Context(), u.UserID, w.ID)
	require.NoError(t, err)
	h.manager.Reconcile(t.Context())
	_, running := strong.Sandbox(w.ID)
	require.True(t, running, "nobody knows what runs there, so nothing is done about it")
	require.Equal(t, prepared, strong.Count("Prepare"))

	strong.Fail("List", nil)
	h.manager.Reconcile(t.Context())
	h.await(w.ID, workspace.Stopped)
	exists, _ := strong.Sandbox(w.ID)
	require.False(t, exists)
}
