package kubernetes

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"

	"atrium.internal/services/ide/internal/driver"
)

func TestWhatCanNotBeInAPodIsRefusedBeforeThereIsOne(t *testing.T) {
	t.Parallel()
	d := offline(t)
	owner := uuid.New()
	_, err := d.Volumes().Ensure(t.Context(), driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: owner})
	require.NoError(t, err)
	for _, spec := range []driver.Spec{
		{Folder: "../etc", Hostname: "h"},
		{Folder: "a:b", Hostname: "h"},
		{Folder: "", Hostname: "h"},
		{Folder: "..", Hostname: "h"},
		{Folder: "project", Hostname: "UPPER"},
		{Folder: "project", Hostname: "-"},
	} {
		spec.Owner, spec.WorkspaceID = owner, uuid.New()
		_, err := d.Prepare(t.Context(), spec)
		require.Error(t, err, "%q on %q", spec.Folder, spec.Hostname)
	}
	list, err := d.List(t.Context())
	require.NoError(t, err)
	require.Empty(t, list)
}

func TestUsersHaveDifferentIDsAndKeepThem(t *testing.T) {
	t.Parallel()
	one, other := uuid.New(), uuid.New()
	again := uidOf(uuid.MustParse(one.String()))
	require.Equal(t, uidOf(one), again)
	require.NotEqual(t, uidOf(one), uidOf(other))
	require.GreaterOrEqual(t, uidOf(one), 200_000)
	require.Less(t, uidOf(one), 1<<31)
}

func TestAnUnreadablePodIsNoEmptyList(t *testing.T) {
	t.Parallel()
	d := offline(t)
	v := driver.VolumeSpec{WorkspaceID: uuid.New(), Owner: uuid.New()}
	_, err := d.Volumes().Ensure(t.Context(), v)
	require.NoError(t, err)
	_, err = d.Prepare(t.Context(), driver.Spec{WorkspaceID: v.WorkspaceID, Owner: v.Owner, Folder: "project", Hostname: "h"})
	require.NoError(t, err)
	list, err := d.List(t.Context())
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.False(t, list[0].Running, "it was told nothing yet")

	p, err := d.cluster.pod(t.Context(), d.name("workspace", v.WorkspaceID.String()))
	require.NoError(t, err)
	p.Labels[labelGeneration] = "99"
	_, err = d.options.Client.CoreV1().Pods("w").Update(t.Context(), p, meta.UpdateOptions{})
	require.NoError(t, err)
	_, err = d.List(t.Context())
	require.ErrorContains(t, err, "generation 99")
}
